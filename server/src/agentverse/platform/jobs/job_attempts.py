"""One attempt at one job: call the handler, decide between done, again and failed for good."""

import logging
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from agentverse.platform.errors import AgentVerseError, Unavailable
from agentverse.platform.jobs import authority
from agentverse.platform.jobs.memory import too_large
from agentverse.platform.jobs.queue import read_scope
from agentverse.platform.jobs.registry import Handling, handling
from agentverse.platform.scope import Scope

logger = logging.getLogger(__name__)


class WorkerLost(Unavailable):
    """The worker died while it had the job, more often than the job may be tried."""

    code = "worker_lost"
    title = "The worker stopped while it was working on this"


class PayloadUnreadable(AgentVerseError):
    """The payload does not fit its type: another release of the program has queued it."""

    code = "payload_unreadable"
    title = "The work was queued by another release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A fetched job; `attempts` counts the attempts before this one."""

    number: int
    name: str
    arguments: dict[str, Any]
    attempts: int

    @property
    def handling(self) -> Handling:
        return handling(self.name)

    @property
    def scope(self) -> Scope:
        return read_scope(self.arguments["scope"])

    @property
    def payload(self) -> BaseModel:
        try:
            return self.handling.payload_type.model_validate(self.arguments["payload"])
        except ValidationError as error:
            raise PayloadUnreadable(
                "This was queued before the server was updated and cannot be read any more. "
                "Start it again."
            ) from error


def attempt(job: Job) -> None:
    """Run the handler once, with what its maker may do now.

    An error that will not be tried again is stored by its hook. Raises what the handler raises, or
    WorkTooLarge where it needs more memory than it may take.
    """
    try:
        _run(job)
    except Exception as error:
        if not will_retry(job, error):
            store_failure(job, error)
        raise


def _run(job: Job) -> None:
    try:
        job.handling.run(authority.revalidated(job.scope), job.payload)
    except MemoryError as error:
        raise too_large() from error


def will_retry(job: Job, error: Exception) -> bool:
    if isinstance(error, AgentVerseError) and not error.retryable:
        return False
    return job.attempts + 1 < job.handling.maximum_attempts


def _as_queued(job: Job) -> BaseModel:
    try:
        return job.payload
    except PayloadUnreadable:
        return job.handling.payload_type.model_construct(**job.arguments["payload"])


def store_failure(job: Job, error: Exception) -> None:
    """The hook writes the problem where the reader looks for it; its own failure is logged."""
    if job.handling.on_failure is None:
        return
    try:
        job.handling.on_failure(job.scope, _as_queued(job), error)
    except Exception:
        logger.exception("The failure hook of job %s (%s) failed.", job.number, job.name)
