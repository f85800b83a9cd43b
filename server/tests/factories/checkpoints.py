"""What is kept of work that a dead worker left: the files, and the rows behind row security."""

from pathlib import Path

import psycopg

from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings


def checkpoint_files(settings: Settings, scope: Scope) -> list[Path]:
    return list((settings.artifacts / str(scope.tenant_id)).glob("*.checkpoint"))


def checkpoint_parts(owner: psycopg.Connection, scope: Scope) -> list[str]:
    """The part that each of the tenant's kept checkpoints is of."""
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
    rows = owner.execute("SELECT part FROM checkpoints ORDER BY part").fetchall()
    return [part for (part,) in rows]
