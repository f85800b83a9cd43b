"""Run queued jobs inline, by the worker's own rules: for tests and one-shot commands."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from sqlalchemy import Connection, Engine, text

from agentverse.platform.db import engines
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.jobs.job_attempts import Job, attempt, will_retry
from agentverse.platform.jobs.rescuing import FINISH, RETRY, rescue
from agentverse.platform.settings import get_settings

FETCH = text("SELECT id, task_name, args, attempts FROM procrastinate_fetch_job_v2(NULL, :worker)")
REGISTER = text("SELECT worker_id FROM procrastinate_register_worker_v1()")
HEARTBEAT = text("SELECT procrastinate_update_heartbeat_v1(:worker)")
UNREGISTER = text("SELECT procrastinate_unregister_worker_v1(:worker)")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutcome:
    name: str
    error: Exception | None


def run_queued_jobs(
    *, raise_unexpected: bool = True, limit: int = 1000, rescue_lost: bool = False
) -> list[JobOutcome]:
    """Run jobs until none is left, with the worker's own rules for retry and failure.

    Expected errors (AgentVerseError) end in the outcome list; others are raised after their
    failure hook has run, unless `raise_unexpected` is off. `rescue_lost` first takes back the
    jobs of killed workers, as a worker does all the time.
    """
    engine = engines.current().engine
    if rescue_lost:
        rescue(engine, get_settings().worker_stale_seconds)
    outcomes: list[JobOutcome] = []
    with _presence(engine) as worker:
        while (job := _fetch(engine, worker)) is not None:
            if len(outcomes) == limit:
                raise RuntimeError(f"More than {limit} jobs: does a job queue itself again?")
            outcomes.append(_run(engine, job, raise_unexpected=raise_unexpected))
    return outcomes


@contextmanager
def _presence(engine: Engine) -> Generator[int]:
    """Show the same signs of life as a worker, so that no real one takes our jobs for lost."""
    with engine.begin() as connection:
        worker = int(connection.execute(REGISTER).scalar_one())
    finished = Event()
    beat = Thread(target=_beat, args=(engine, worker, finished), daemon=True)
    beat.start()
    try:
        yield worker
    finally:
        finished.set()
        beat.join()
        with engine.begin() as connection:
            connection.execute(UNREGISTER, {"worker": worker})


def _beat(engine: Engine, worker: int, finished: Event) -> None:
    while not finished.wait(timeout=1.0):
        with engine.begin() as connection:
            connection.execute(HEARTBEAT, {"worker": worker})


def _fetch(engine: Engine, worker: int) -> Job | None:
    with engine.begin() as connection:
        row = connection.execute(FETCH, {"worker": worker}).one()
    if row.id is None:
        return None
    return Job(number=row.id, name=row.task_name, arguments=row.args, attempts=row.attempts)


def _run(engine: Engine, job: Job, *, raise_unexpected: bool) -> JobOutcome:
    error: Exception | None = None
    try:
        attempt(job)
    except Exception as raised:
        error = raised
    retry = error is not None and will_retry(job, error)
    with engine.begin() as connection:
        _settle(connection, job, failed=error is not None, retry=retry)
    if error is not None and raise_unexpected and not isinstance(error, AgentVerseError):
        raise error
    return JobOutcome(name=job.name, error=error)


def _settle(connection: Connection, job: Job, *, failed: bool, retry: bool) -> None:
    if retry:
        connection.execute(RETRY, {"number": job.number})
    else:
        status = "failed" if failed else "succeeded"
        connection.execute(FINISH, {"number": job.number, "status": status})
