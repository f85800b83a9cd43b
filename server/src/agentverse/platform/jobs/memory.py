"""The memory a worker and the processes it starts may take, each: kept by the kernel."""

import contextlib
import os
import resource
from typing import Final

from agentverse.platform.errors import InvalidInput

# The rest is for the API, the database and the system.
SHARE: Final = 0.8


class WorkTooLarge(InvalidInput):
    code = "work_too_large"
    title = "The work needs more memory than it may take"


def too_large() -> WorkTooLarge:
    return WorkTooLarge(
        "It needed more memory than one worker may take. Ask for less at once: fewer personas, "
        "replicates or ticks; or raise AGENTVERSE_WORKER_MEMORY_BYTES on the server."
    )


def limit_memory(most_bytes: int) -> None:
    """From now on more than that is a MemoryError, here and in processes started from here.

    Counted is what a process has written or may write for itself, not the files that it maps.
    """
    # Not every system has this limit.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))


def fair_share(workers: int) -> int:
    """Bytes of this machine's memory for each of so many workers."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(SHARE * total / workers)
