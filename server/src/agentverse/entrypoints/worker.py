"""The worker: every context's job handlers on one procrastinate worker."""

import asyncio

from agentverse.entrypoints.contexts import importable
from agentverse.platform.db import engines, migrating
from agentverse.platform.errors import Misconfigured
from agentverse.platform.jobs.working import run_worker
from agentverse.platform.settings import get_settings


def import_handlers() -> None:
    importable("jobs")


def work() -> None:
    """Work until a signal says stop."""
    import_handlers()
    database = engines.current()
    with database.engine.connect() as connection:
        engines.refuse_powerful_role(connection)
        if migrating.revision(connection) != migrating.head():
            raise Misconfigured("The database is not migrated. Run `agentverse db migrate`.")
    asyncio.run(run_worker(database, get_settings()))
