"""The end of a job that takes too long: its failure is stored, then its process ends.

A thread cannot be stopped, so each worker process works on one job at a time and ends with it;
whoever supervises it starts another.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from agentverse.platform.errors import InvalidInput
from agentverse.platform.jobs.job_attempts import Job, store_failure

logger = logging.getLogger(__name__)

# EX_TEMPFAIL: ended on purpose, start another.
EXIT_STATUS: Final = 75
# For what holds the interpreter and lets no thread of ours run: the kernel's own clock.
GRACE_SECONDS: Final = 30.0


class WorkTooLong(InvalidInput):
    code = "work_too_long"
    title = "The work took longer than it may"


@contextmanager
def deadline(job: Job, finish: Callable[[Job], None], *, alarm: bool) -> Generator[None]:
    """End this process when the job is not done in its kind's time.

    finish: takes the job off the queue for good, so that no other process tries it again; alarm:
    whether the process works on this job alone, so that the kernel's one clock may be set for it.
    """
    seconds = job.handling.longest_seconds
    done = threading.Lock()
    timer = threading.Timer(seconds, _expire, args=(job, finish, done))
    timer.daemon = True
    timer.start()
    if alarm:
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_SECONDS)
    try:
        yield
    finally:
        # Whoever has the lock first decides: a job that is done is not ended any more.
        done.acquire()
        timer.cancel()
        if alarm:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _expire(job: Job, finish: Callable[[Job], None], done: threading.Lock) -> None:
    if not done.acquire(blocking=False):
        return
    seconds = job.handling.longest_seconds
    logger.error("Job %s (%s) took longer than %g seconds.", job.number, job.name, seconds)
    error = WorkTooLong(
        f"It was ended after {seconds:g} seconds. Ask for less at once: fewer personas, replicates "
        "or ticks, or a smaller file."
    )
    try:
        store_failure(job, error)
        finish(job)
    finally:
        os._exit(EXIT_STATUS)
