"""Runs: one execution of one world version, its progress, telemetry and replay."""

from agentverse.runs.lifecycle import Belonging, Inputs, cancel, retry, start

__all__ = ["Belonging", "Inputs", "cancel", "retry", "start"]
