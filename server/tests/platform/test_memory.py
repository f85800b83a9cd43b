"""Work that needs too much memory is refused by the kernel and ends as a named failure."""

import subprocess
import sys

import pytest

from agentverse.platform.jobs.memory import fair_share
from agentverse.platform.settings import MEBIBYTE

# A gibibyte of its own, then a child's; the limit leaves each half of one.
GREEDY = """
import subprocess, sys
import numpy
from agentverse.platform.jobs.memory import limit_memory
limit_memory(512 * 1024 * 1024)
take = "import numpy; numpy.ones(2**27)"
try:
    exec(take)
except MemoryError:
    print("here", end=" ")
child = subprocess.run([sys.executable, "-c", take], stderr=subprocess.PIPE, text=True)
print("child" if "MemoryError" in child.stderr else child.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not keep this limit")
def test_limit_memory_holds_here_and_in_started_processes() -> None:
    found = subprocess.run(
        [sys.executable, "-c", GREEDY], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["here", "child"]


def test_fair_shares_leave_memory_for_the_others() -> None:
    assert fair_share(1) > 256 * MEBIBYTE
    assert abs(fair_share(4) * 4 - fair_share(1)) < 4
