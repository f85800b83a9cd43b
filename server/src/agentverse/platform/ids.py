"""Identifiers: time-ordered UUIDs, so keys stay local in an index and sort by creation."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    return compat.uuid7()
