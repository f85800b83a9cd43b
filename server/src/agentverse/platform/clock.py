"""The only clock of the server."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
