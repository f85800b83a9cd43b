"""The worker: every context's job handlers on one procrastinate worker."""

import asyncio
from threading import Event, Thread

from agentverse import audit, identity
from agentverse.asks import jobs as asks_jobs
from agentverse.hybrids import jobs as hybrids_jobs
from agentverse.llm import jobs as llm_jobs
from agentverse.plans import jobs as plans_jobs
from agentverse.platform import limited, temporary
from agentverse.platform.db import engines, migrating
from agentverse.platform.errors import Misconfigured
from agentverse.platform.jobs import authority
from agentverse.platform.jobs.memory import fair_share, limit_memory
from agentverse.platform.jobs.worker_loop import run_worker
from agentverse.platform.settings import get_settings
from agentverse.populations import jobs as populations_jobs
from agentverse.populations.parsing import PRELOADED
from agentverse.privacy import jobs as privacy_jobs
from agentverse.privacy import retention
from agentverse.runs import jobs as runs_jobs
from agentverse_engine import warm_up

# Importing a jobs module registers its handlers.
HANDLERS = (
    llm_jobs,
    populations_jobs,
    runs_jobs,
    asks_jobs,
    plans_jobs,
    hybrids_jobs,
    privacy_jobs,
)


def work() -> None:
    """Work until a signal says stop."""
    authority.install(identity.revalidate)
    database = engines.current()
    engines.refuse_powerful_roles(database)
    with database.engine.connect() as connection:
        if migrating.revision(connection) != migrating.head():
            raise Misconfigured("The database is not migrated. Run `agentverse db migrate`.")
    settings = get_settings()
    limit_memory(settings.worker_memory_bytes or fair_share(settings.worker_concurrency))
    limited.start_ahead(PRELOADED)
    temporary.sweep(settings.artifacts)
    # Beside the queue's start, so that the first run does not pay for loading the kernels.
    Thread(target=warm_up, daemon=True).start()
    Thread(target=audit.seal_until_stopped, args=(Event(),), daemon=True).start()
    Thread(target=identity.expire_until_stopped, args=(Event(),), daemon=True).start()
    Thread(target=retention.enforce_until_stopped, args=(Event(),), daemon=True).start()
    asyncio.run(run_worker(database, settings))
