"""Runs: one execution of one world version, its progress, telemetry and replay."""

from agentverse.runs.lifecycle import Inputs, cancel, retry, start

__all__ = ["Inputs", "cancel", "retry", "start"]
