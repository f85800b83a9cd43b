"""Audit: an append-only entry in the transaction of every change."""

from agentverse.audit.recording import record

__all__ = ["record"]
