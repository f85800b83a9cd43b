"""Sessions outside every tenant. A protected import: pyproject.toml names the few that may."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from agentverse.platform.db import engines
from agentverse.platform.db.outages import outages_named


class SystemSession(Session):
    """For the few tables that belong to no tenant.

    Row security raises on every tenant table here, because no tenant is set.
    """

    def __init__(self, bind: Engine | Connection) -> None:
        super().__init__(bind=bind, expire_on_commit=False)


@contextmanager
def system_session() -> Generator[SystemSession]:
    """One transaction outside every tenant."""
    session = SystemSession(engines.current().engine)
    with outages_named(), session, session.begin():
        yield session
