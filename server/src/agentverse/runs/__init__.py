"""Runs: one execution of one world version, its progress, telemetry and replay."""

from agentverse.runs.lifecycle import RunOrigin, cancel, retry, start
from agentverse.runs.removing import remove_of_project
from agentverse.runs.repository import last_started
from agentverse.runs.spec import RunSpec

__all__ = ["RunOrigin", "RunSpec", "cancel", "last_started", "remove_of_project", "retry", "start"]
