"""Work on untrusted input in a child process with an end: address space, processor, time, disk."""

from agentverse.platform.limited.running import (
    Limits,
    WorkTooDemanding,
    run_limited,
    start_ahead,
    stop,
)

__all__ = ["Limits", "WorkTooDemanding", "run_limited", "start_ahead", "stop"]
