"""A child node without a question: parameters tuned, or events in the engine's whole form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from agentverse import tasks
from agentverse.compiler import wording
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import FieldError
from agentverse.platform.ids import new_id
from agentverse.platform.request_digests import digest_of
from agentverse.universe import branching, change_checks, graph, repository, scripts, variables
from agentverse.universe.branching import Branch
from agentverse.universe.change_checks import ChangeChecks
from agentverse.universe.errors import EventScriptInvalid
from agentverse.universe.event_schemas import (
    BranchRequest,
    TuneChange,
    TunedValue,
    TunePreview,
    TuneRequest,
)
from agentverse.universe.models import EventScriptRow, NodeRow, ProjectRow
from agentverse.universe.schemas import NodeDetail
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript
from agentverse_engine.effects.choices_left import check_choices_left
from agentverse_engine.errors import EngineError, ScriptError

TUNED: Final = "Tuned from the start of the run, for everyone."
PLACE: Final = re.compile(r"^event_scripts\[(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is added to a node; fields: what the request calls each script."""

    event_scripts: tuple[EventScript, ...]
    fields: tuple[str, ...]
    label: str
    explanation: str


def branch(
    db: TenantSession, node_id: UUID, request: BranchRequest, *, idempotency_key: str | None = None
) -> NodeDetail:
    """A child with these events, and its runs; the parent stays as it is.

    Raises EventScriptInvalid, by field.
    """
    change = Change(
        event_scripts=tuple(scripts.from_wire(script) for script in request.event_scripts),
        fields=tuple(f"event_scripts[{index}]" for index in range(len(request.event_scripts))),
        label=request.label.strip(),
        explanation=request.explanation.strip(),
    )
    return _grow(db, node_id, change, digest_of(request, "branch", node_id), idempotency_key)


def tune(
    db: TenantSession, node_id: UUID, request: TuneRequest, *, idempotency_key: str | None = None
) -> NodeDetail:
    """A child whose variables have these values from tick 0 on, and its runs.

    Raises EventScriptInvalid, by field.
    """
    change = Change(
        event_scripts=tuple(_tuned(name, value) for name, value in request.values.items()),
        fields=tuple(f"values.{name}" for name in request.values),
        label=request.label.strip(),
        explanation=TUNED,
    )
    return _grow(db, node_id, change, digest_of(request, "tune", node_id), idempotency_key)


def preview(db: TenantSession, node_id: UUID, request: TuneRequest) -> TunePreview:
    """What these values would change, and what speaks against each: nothing is made.

    Raises NodeNotFound.
    """
    node = repository.get_node(db, node_id)
    project = repository.get_project(db, node.project_id)
    registry = variables.load_registry(db, project)
    inherited = branching.chain_rows(db, node)
    return TunePreview(
        values={
            name: _previewed(registry, project, inherited, name, _tuned(name, value))
            for name, value in request.values.items()
        }
    )


def _previewed(
    registry: Registry,
    project: ProjectRow,
    inherited: Sequence[EventScriptRow],
    name: str,
    script: EventScript,
) -> TunedValue:
    wrong = _problems(registry, project, (), (script,), (f"values.{name}",)) or _idle(
        registry, project, inherited, (script,), (f"values.{name}",)
    )
    if wrong:
        return TunedValue(sentence="", problem=" ".join(one.message for one in wrong), warning="")
    checks = checks_beside(registry, project, inherited, (script,), script)
    return TunedValue(
        sentence=variables.sentence(registry, project, script),
        problem="",
        warning=checks.warning(script),
    )


def _tuned(name: str, value: float | TuneChange) -> EventScript:
    if isinstance(value, TuneChange):
        return EventScript(variable=name, operation=value.operation, value=value.value)
    return EventScript(variable=name, operation="set", value=value)


def _grow(
    db: TenantSession, node_id: UUID, change: Change, digest: str, key: str | None
) -> NodeDetail:
    made_id = new_id()
    earlier_id = tasks.made_before(db, key, digest, resource_id=made_id)
    if earlier_id is not None:
        return graph.node_detail(db, earlier_id)
    parent = repository.get_node(db, node_id)
    project = repository.get_project(db, parent.project_id)
    node = branching.fork(db, parent, _branch(db, project, parent, change, made_id))
    branching.start_node(db, project, node)
    return graph.node_detail(db, node.id)


def _branch(
    db: TenantSession,
    project: ProjectRow,
    parent: NodeRow,
    change: Change,
    made_id: UUID,
) -> Branch:
    registry = variables.load_registry(db, project)
    inherited = branching.chain_rows(db, parent)
    check(registry, project, inherited, change.event_scripts, change.fields)
    sentences = tuple(
        variables.sentence(registry, project, script) for script in change.event_scripts
    )
    changed = {script.variable for script in change.event_scripts}
    earlier = [row.sentence for row in inherited if row.variable in changed]
    parts = [
        change.explanation,
        f"Changes {wording.listing(sentences)}.",
        *([wording.composition(earlier)] if earlier else []),
        *warnings(registry, project, inherited, change.event_scripts),
    ]
    return Branch(
        event_scripts=change.event_scripts,
        sentences=sentences,
        label=change.label or wording.node_label(sentences),
        question=None,
        explanation=" ".join(text for text in parts if text),
        node_id=made_id,
    )


def check(
    registry: Registry,
    project: ProjectRow,
    inherited: Sequence[EventScriptRow],
    event_scripts: tuple[EventScript, ...],
    fields: tuple[str, ...],
) -> None:
    """Each script alone, so that every wrong one is named; then all together with the chain; then
    whether each would change anything.

    Raises EventScriptInvalid, by field.
    """
    wrong = [
        problem
        for script, field in zip(event_scripts, fields, strict=True)
        for problem in _problems(registry, project, (), (script,), (field,))
    ]
    inherited_scripts = tuple(scripts.engine_form(row) for row in inherited)
    wrong = wrong or _problems(registry, project, inherited_scripts, event_scripts, fields)
    wrong = wrong or _idle(registry, project, inherited, event_scripts, fields)
    if wrong:
        raise EventScriptInvalid(
            " ".join(f"{problem.field}: {problem.message}" for problem in wrong), errors=wrong
        )


def _problems(
    registry: Registry,
    project: ProjectRow,
    inherited: tuple[EventScript, ...],
    added: tuple[EventScript, ...],
    fields: tuple[str, ...],
) -> list[FieldError]:
    """What the engine says of the added scripts, in the names of the request."""
    base = registry.scenario(variables.spec_of(project, ()))
    try:
        check_choices_left(base.branch((*inherited, *added)))
    except ScriptError as error:
        return [_named(error, len(inherited), fields)]
    return []


def _idle(
    registry: Registry,
    project: ProjectRow,
    inherited: Sequence[EventScriptRow],
    added: tuple[EventScript, ...],
    fields: tuple[str, ...],
) -> list[FieldError]:
    """What changes nothing, nobody, or only after the end: its answer would only mislead."""
    refusals = [
        (field, checks_beside(registry, project, inherited, added, script).refusal(script))
        for script, field in zip(added, fields, strict=True)
    ]
    return [
        FieldError(field=_part(field, refusal.at), message=refusal.message)
        for field, refusal in refusals
        if refusal is not None
    ]


def checks_beside(
    registry: Registry,
    project: ProjectRow,
    inherited: Sequence[EventScriptRow],
    added: Sequence[EventScript],
    script: EventScript,
) -> ChangeChecks:
    """Against what one of the added scripts is checked: the chain and the others come before."""
    others = [other.variable for other in added if other is not script]
    changed = {*(row.variable for row in inherited), *others}
    return change_checks.checks_of(registry, project, changed)


def warnings(
    registry: Registry,
    project: ProjectRow,
    inherited: Sequence[EventScriptRow],
    added: Sequence[EventScript],
) -> list[str]:
    """What of a change may be a slip: values that the file does not know by far."""
    messages = (
        checks_beside(registry, project, inherited, added, script).warning(script)
        for script in added
    )
    return list(dict.fromkeys(message for message in messages if message))


def _part(field: str, at: str) -> str:
    """A tuned value is one number, so there is nothing finer to name."""
    return field if field.startswith("values.") else f"{field}.{at}"


def _named(error: EngineError, inherited: int, fields: tuple[str, ...]) -> FieldError:
    match = PLACE.match(error.field)
    field = error.field
    if match is not None and int(match.group(1)) >= inherited:
        own = fields[int(match.group(1)) - inherited]
        # A tuned value is one number, so there is nothing finer to name.
        field = _part(own, error.field[match.end() :].removeprefix("."))
    return FieldError(field=field, message=f"{error.message} {error.fix}")
