"""The person directory's session: global rows, and the audit entry of the tenant acted from."""

from collections.abc import Generator
from contextlib import contextmanager

from agentverse.platform.db import engines
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.db.outages import outages_named
from agentverse.platform.db.session import TenantSession
from agentverse.platform.scope import Scope


class PersonSession(TenantSession):
    """A session of the role that alone reads persons: their credentials belong to no tenant.

    It is bound to a tenant all the same, so that a change and its audit entry are one transaction;
    of that tenant's tables it reaches the audit's only.
    """


@contextmanager
def person_session(scope: Scope, *, read_only: bool = False) -> Generator[PersonSession]:
    """One transaction: committed when the block ends, rolled back when it raises."""
    engine = engines.current().engines[DatabaseRole.PERSONS]
    session = PersonSession(scope, engine, read_only=read_only)
    with outages_named(), session, session.begin():
        yield session
