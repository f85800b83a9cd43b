"""The worker: procrastinate fetches and listens, our rules decide retry, failure and rescue."""

import asyncio
import logging
import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job as QueuedJob
from procrastinate.retry import BaseRetryStrategy

from agentverse.platform.clock import now
from agentverse.platform.db.database_roles import conninfo
from agentverse.platform.db.engines import Database
from agentverse.platform.db.outages import DatabaseUnavailable
from agentverse.platform.jobs import rescuing
from agentverse.platform.jobs.deadlines import deadline
from agentverse.platform.jobs.job_attempts import Job, attempt, will_retry
from agentverse.platform.jobs.registry import handled_names
from agentverse.platform.settings import Settings

logger = logging.getLogger(__name__)

# Only for jobs waiting for their next attempt: new ones are announced by LISTEN/NOTIFY.
POLL_SECONDS = 1.0


async def run_worker(
    database: Database, settings: Settings, *, install_signal_handlers: bool = True
) -> None:
    """Work until stopped by a signal; running jobs are finished first."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    app = create_app(database, alone=True)
    async with app.open_async():
        rescuer = asyncio.create_task(_rescue_forever(database, settings))
        try:
            await app.run_worker_async(
                # One at a time: a job that takes too long ends its process, and no other job.
                concurrency=1,
                fetch_job_polling_interval=POLL_SECONDS,
                update_heartbeat_interval=settings.worker_heartbeat_seconds,
                delete_jobs="successful",
                install_signal_handlers=install_signal_handlers,
            )
        finally:
            rescuer.cancel()


def create_app(database: Database, *, alone: bool = False) -> App:
    """The queue, with every registered handler under its deadline; alone: one job at a time."""
    connector = PsycopgConnector(conninfo=conninfo(database.urls.app), min_size=1, max_size=4)
    app = App(connector=connector)
    for name in handled_names():
        app.task(name=name, retry=_Rules(), pass_context=True)(_runner(database, alone=alone))
    return app


def _runner(database: Database, *, alone: bool) -> Callable[..., None]:
    # A function of its own for each task: procrastinate registers by function.
    def run(context: JobContext, **_arguments: Any) -> None:
        job = _as_job(context.job)
        with deadline(job, partial(rescuing.give_up, database.engine), alarm=alone):
            attempt(job)

    return run


class _Rules(BaseRetryStrategy):
    def get_retry_decision(
        self, *, exception: BaseException, job: QueuedJob
    ) -> RetryDecision | None:
        ours = _as_job(job)
        if not isinstance(exception, Exception) or not will_retry(ours, exception):
            return None
        wait = timedelta(seconds=ours.handling.wait_seconds(job.attempts))
        return RetryDecision(retry_at=now() + wait)


def _as_job(job: QueuedJob) -> Job:
    return Job(
        number=job.id or 0, name=job.task_name, arguments=job.task_kwargs, attempts=job.attempts
    )


async def _rescue_forever(database: Database, settings: Settings) -> None:
    while True:
        try:
            await asyncio.to_thread(rescuing.rescue, database.engine, settings.worker_stale_seconds)
        except DatabaseUnavailable:
            logger.warning("The database cannot be reached; lost jobs are looked for again soon.")
        except Exception:
            # The next round may succeed; the worker's own work must not end with this one.
            logger.exception("Looking for jobs of lost workers failed.")
        await asyncio.sleep(settings.worker_heartbeat_seconds)
