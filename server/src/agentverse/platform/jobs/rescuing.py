"""Jobs of killed workers: given to another worker, or failed for good when tried too often."""

import logging
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from agentverse.platform.db.outages import outages_named
from agentverse.platform.jobs.job_attempts import Job, WorkerLost, store_failure, will_retry
from agentverse.platform.jobs.registry import handled_names

logger = logging.getLogger(__name__)

# Locked and skipped when locked: of two workers that look, one acts.
LOST = text("""
SELECT job.id, job.task_name, job.args, job.attempts
FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing'
  AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => :seconds))
FOR UPDATE OF job SKIP LOCKED
""")
FINISH = text(
    "SELECT procrastinate_finish_job_v1(:number, CAST(:status AS procrastinate_job_status), false)"
)
# At once: nobody works on it, and the reader waits.
RETRY = text("SELECT procrastinate_retry_job_v2(:number, now(), NULL, NULL, NULL)")


def rescue(engine: Engine, stale_seconds: float) -> int:
    """Requeue or fail every job whose worker has been silent too long; returns how many."""
    with outages_named(), engine.begin() as connection:
        lost = connection.execute(LOST, {"seconds": stale_seconds}).all()
        for row in lost:
            _settle(connection, row)
    return len(lost)


def give_up(engine: Engine, job: Job) -> None:
    """Take a job off the queue as failed, so that no other worker tries it again."""
    with engine.begin() as connection:
        connection.execute(FINISH, {"number": job.number, "status": "failed"})


def _settle(connection: Connection, row: Row[Any]) -> None:
    number, attempts = int(row.id), int(row.attempts)
    job = Job(number=number, name=row.task_name, arguments=row.args, attempts=attempts)
    if job.name not in handled_names():
        logger.error("Job %s was lost and nothing handles %s any more.", number, job.name)
        connection.execute(FINISH, {"number": number, "status": "failed"})
        return
    error = WorkerLost(
        f"The worker stopped {attempts + 1} times while it was working on this, perhaps for lack "
        "of memory. Try a smaller population or fewer replicates, or look at the worker's log."
    )
    if will_retry(job, error):
        connection.execute(RETRY, {"number": number})
    else:
        store_failure(job, error)
        connection.execute(FINISH, {"number": number, "status": "failed"})
