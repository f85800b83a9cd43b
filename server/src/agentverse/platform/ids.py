"""Identifiers: time-ordered UUIDs, so keys stay local in an index and sort by creation."""

from datetime import datetime
from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    return compat.uuid7()


def least_id_of(moment: datetime) -> UUID:
    """Not after any id that `new_id` makes at the moment or later."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
