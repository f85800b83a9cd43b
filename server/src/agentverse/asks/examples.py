"""Questions a registry can answer, in its own words; only what compiles as a whole is offered."""

from collections.abc import Iterable, Iterator
from typing import Final
from uuid import UUID

from agentverse import universe
from agentverse.compiler import QuestionRefused, compile_question
from agentverse.platform.db.session import TenantSession
from agentverse.populations.schemas import LabelMapping
from agentverse.universe import ProjectRow, variables
from agentverse.universe.schemas import VariableRegistry
from agentverse.universe.variables import Registry

# Which of the examples are about a segment, and which about a region.
NARROWED: Final = ((False, False), (True, False), (False, True), (False, False))


def list_variables(db: TenantSession, project_id: UUID) -> VariableRegistry:
    """The registry of a project with questions to start from."""
    project = universe.get_project(db, project_id)
    registry = variables.load_registry(db, project)
    return variables.wire_form(registry, project, examples=examples(registry, project))


def examples(registry: Registry, project: ProjectRow) -> list[str]:
    """One question of each kind: a change, another alternative, a segment, a region."""
    vocabulary = registry.vocabulary(project.horizon, project.parameters)

    def compiles(question: str) -> bool:
        try:
            return compile_question(question, vocabulary).ok
        except QuestionRefused:
            return False

    kinds = _kinds(registry, project) if registry.template.surveyed else _claims(registry, project)
    questions = (next(filter(compiles, phrasings), None) for phrasings in kinds)
    return [question for question in questions if question is not None]


def _claims(registry: Registry, project: ProjectRow) -> Iterator[Iterable[str]]:
    """What the template has to say of its variables: for all, a segment, a region, all again."""
    names = {variable.name for variable in registry.variables}
    said = [claim for name, claim in registry.template.asked.items() if name in names]
    since = f"from {registry.template.tick_unit} {max(1, project.horizon // 6)}"
    segments, regions = registry.snapshot.segments, registry.snapshot.regions
    for claim, (for_segment, in_region) in zip(said, NARROWED, strict=False):
        narrowed: list[str] = []
        if for_segment:
            narrowed = [f"What if {claim} for {who} {since}?" for who in _whom(segments)]
        if in_region:
            narrowed = [f"What if {claim} in {where} {since}?" for where in _where(regions)]
        yield (*narrowed, f"What if {claim} {since}?")


def _kinds(registry: Registry, project: ProjectRow) -> Iterator[Iterable[str]]:
    """Of each kind the ways to say it, the most natural first."""
    labels = registry.alternative_labels
    families = [family.label for family in registry.snapshot.mapping.families]
    outcome = labels[project.outcome_alternative]
    others = [label for name, label in labels.items() if name != project.outcome_alternative]
    month = f"from month {max(1, project.horizon // 6)}"
    subjects = [f"{outcome} {family}" for family in families]
    yield (f"What if {each} {_verb(each, 'fall')} by 30% {month}?" for each in subjects)
    yield (
        f"What if {other} {family} {_verb(family, 'rise')} by 20% {month}?"
        for family in reversed(families)
        for other in others
    )
    yield (
        f"What if {each} {_verb(each, 'fall')} by 50% for {segment} {month}?"
        for each in subjects
        for segment in _whom(registry.snapshot.segments)
    )
    yield (
        f"What if {each} {'are' if _is_plural(each) else 'is'} halved in {region}?"
        for each in subjects
        for region in _where(registry.snapshot.regions)
    )


def _whom(segments: tuple[LabelMapping, ...]) -> Iterator[str]:
    """“low income people”, “commuters”; a label with numbers stands as it is."""
    for segment in segments if len(segments) > 1 else ():
        if not _is_plural(segment.label) and not any(map(str.isdigit, segment.label)):
            yield f"{segment.label} people"
        yield segment.label


def _where(regions: tuple[LabelMapping, ...]) -> Iterator[str]:
    """“the valley”; a name of its own has no article, and a code is called a region."""
    for region in regions if len(regions) > 1 else ():
        if region.label.islower():
            yield f"the {region.label}"
        yield region.label
        yield f"region {region.label}"


def _verb(subject: str, verb: str) -> str:
    return verb if _is_plural(subject) else f"{verb}s"


def _is_plural(label: str) -> bool:
    return label.endswith("s") and not label.endswith("ss")
