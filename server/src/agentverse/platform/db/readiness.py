"""Can the installation do its work: database reached, migrated, a worker alive."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agentverse.platform.db import engines, migrating
from agentverse.platform.errors import AgentVerseError

WORKER_SEEN = text(
    "SELECT EXISTS (SELECT 1 FROM procrastinate_workers "
    "WHERE last_heartbeat > now() - make_interval(secs => :seconds))"
)
# Work that waits although its turn has come, while nothing was begun: a flowing queue is no fault.
STUCK_SECONDS = 60.0
STUCK = text("""
SELECT count(*) FROM procrastinate_jobs job
WHERE job.status = 'todo'
  AND (job.scheduled_at IS NULL OR job.scheduled_at < now() - make_interval(secs => :seconds))
  AND EXISTS (SELECT 1 FROM procrastinate_events event WHERE event.job_id = job.id
              AND event.type = 'deferred' AND event.at < now() - make_interval(secs => :seconds))
  AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs other
                  WHERE other.status = 'doing' AND other.lock = job.lock)
  AND NOT EXISTS (SELECT 1 FROM procrastinate_events event
                  WHERE event.type = 'started'
                  AND event.at > now() - make_interval(secs => :seconds))
""")
OK = "ok"


def check(*, worker_stale_seconds: float) -> dict[str, str]:
    """What was checked → "ok", or what is wrong and what to do."""
    try:
        with engines.current().engine.connect() as connection:
            revision = migrating.revision(connection)
            worker = revision is not None and connection.scalar(
                WORKER_SEEN, {"seconds": worker_stale_seconds}
            )
            stuck = connection.scalar(STUCK, {"seconds": STUCK_SECONDS}) if worker else 0
    except (SQLAlchemyError, AgentVerseError):
        return {"database": "cannot be reached; see the server's log"}
    at_head = revision == migrating.head()
    return {
        "database": OK,
        "migrations": OK if at_head else f"at {revision}; run `agentverse db migrate`",
        "worker": OK if worker else "none seen; run `agentverse worker`",
        "jobs": f"{stuck} wait, none begun for {STUCK_SECONDS:g} seconds" if stuck else OK,
    }
