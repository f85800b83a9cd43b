"""The kinds of tasks there are. A context declares its own; nothing here knows any of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import Conflict, FieldError
from agentverse.platform.jobs.registry import LONGEST_SECONDS
from agentverse.platform.scope import Scope
from agentverse.tasks.errors import TaskAlreadyFinished, TaskKindUnknown
from agentverse.tasks.schemas import TaskPayload, TaskStatus

StatusHook = Callable[[TenantSession, UUID, TaskStatus], None]


def _nothing(_db: TenantSession, _subject_id: UUID, _status: TaskStatus) -> None:
    """The subject follows no status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskKind:
    """What tells one kind of work from another.

    subject_type: also the resource of its audit entries; entered: the verb of the entry when it
    is queued, None where the caller's own entry tells it; noun: as in “the … has already ended”;
    on_status: called with the subject's id in the transaction of each change of status, so that
    the owner keeps its own rows in step and takes away what is needed no more; longest_seconds: of
    one attempt, whose process is ended then.
    """

    name: str
    subject_type: str
    noun: str
    payload: type[TaskPayload]
    read_permission: str
    write_permission: str
    entered: str | None = "create"
    already_finished: type[Conflict] = TaskAlreadyFinished
    on_status: StatusHook = _nothing
    longest_seconds: float = LONGEST_SECONDS


_kinds: Final[dict[str, TaskKind]] = {}


def declare(kind: TaskKind) -> TaskKind:
    """Make a kind known; its context does so when it is imported."""
    if kind.name in _kinds:
        raise ValueError(f"There is already a kind of task called {kind.name!r}.")
    _kinds[kind.name] = kind
    return kind


def kind_of(name: str) -> TaskKind:
    return _kinds[name]


def readable(scope: Scope, wished: Iterable[str] = ()) -> list[str]:
    """Names of the kinds whose subjects the scope may read; only those wished for, if any.

    Raises TaskKindUnknown when a kind that does not exist is wished for.
    """
    wanted = list(wished)
    unknown = [name for name in wanted if name not in _kinds]
    if unknown:
        raise TaskKindUnknown(
            f"There is no kind {unknown[0]!r}. Use one of: {', '.join(sorted(_kinds))}.",
            errors=[FieldError(field="kind", message="is no kind of task")],
        )
    return [
        kind.name
        for kind in _kinds.values()
        if scope.allows(kind.read_permission) and (not wanted or kind.name in wanted)
    ]
