"""Audit: an append-only entry in the transaction of every change."""

from agentverse.audit.recording import (
    INSTALLATION,
    Outcome,
    record,
    record_denial,
    record_outside_tenants,
)
from agentverse.audit.sealing import seal_until_stopped

__all__ = [
    "INSTALLATION",
    "Outcome",
    "record",
    "record_denial",
    "record_outside_tenants",
    "seal_until_stopped",
]
