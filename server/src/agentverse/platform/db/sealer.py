"""The sealer's session: reads every stream of the audit, writes seals, and nothing else."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from agentverse.platform.db import engines
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.db.outages import outages_named

# Any fixed number: of two sealers one works, the other looks again later.
SEALER_LOCK = 4_201_927
TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock)")
# What is below the oldest transaction still open has ended: committed or rolled back.
HORIZON = text(
    "SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS below, "
    "(SELECT system_identifier FROM pg_control_system()) AS cluster"
)
ADD_PARTITIONS = text("SELECT app.add_audit_partitions()")


class SealerSession(Session):
    def __init__(self, bind: Engine) -> None:
        super().__init__(bind=bind, expire_on_commit=False)


@contextmanager
def sealer_session(*, snapshot: bool = False) -> Generator[SealerSession]:
    """One transaction of the sealer's role; `snapshot`: every query sees the same moment."""
    engine = engines.current().engines[DatabaseRole.SEALER]
    if snapshot:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    session = SealerSession(engine)
    with outages_named(), session, session.begin():
        yield session


def take_lock(db: SealerSession) -> bool:
    return bool(db.scalar(TRY_LOCK, {"lock": SEALER_LOCK}))


def horizon(db: SealerSession) -> tuple[int, int]:
    """The transaction number below which all have ended, and the cluster that counts them."""
    row = db.execute(HORIZON).one()
    return int(row.below), int(row.cluster)


def add_partitions(db: SealerSession) -> None:
    db.execute(ADD_PARTITIONS)
