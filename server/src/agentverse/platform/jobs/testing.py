"""Run queued jobs inline, in the order a single worker would, for tests and one-shot commands."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from agentverse.platform.db import engines
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.jobs.running import Job, attempt, will_retry

FETCH = text("SELECT id, task_name, args, attempts FROM procrastinate_fetch_job_v2(NULL, NULL)")
FINISH = text(
    "SELECT procrastinate_finish_job_v1(:number, CAST(:status AS procrastinate_job_status), false)"
)
# At once: an inline runner has nobody to wait for.
RETRY = text("SELECT procrastinate_retry_job_v2(:number, now(), NULL, NULL, NULL)")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutcome:
    name: str
    error: Exception | None


def run_queued_jobs(*, raise_unexpected: bool = True, limit: int = 1000) -> list[JobOutcome]:
    """Run jobs until none is left, with the worker's own rules for retry and failure.

    Expected errors (AgentVerseError) end in the outcome list; others are raised after their
    failure hook has run, unless `raise_unexpected` is off.
    """
    outcomes: list[JobOutcome] = []
    while len(outcomes) < limit:
        job = _fetch()
        if job is None:
            return outcomes
        outcomes.append(_run(job, raise_unexpected=raise_unexpected))
    raise RuntimeError(f"More than {limit} jobs: does a job queue itself again?")


def _fetch() -> Job | None:
    with engines.current().engine.begin() as connection:
        row = connection.execute(FETCH).one()
    if row.id is None:
        return None
    return Job(number=row.id, name=row.task_name, arguments=row.args, attempts=row.attempts)


def _run(job: Job, *, raise_unexpected: bool) -> JobOutcome:
    error: Exception | None = None
    try:
        attempt(job)
    except Exception as raised:
        error = raised
    retry = error is not None and will_retry(job, error)
    with engines.current().engine.begin() as connection:
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
