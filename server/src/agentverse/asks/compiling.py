"""Between a project and the compiler: its vocabulary in, wire forms and a branch out."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from agentverse import compiler, universe
from agentverse.asks.errors import QuestionEmpty, QuestionTooLong, QuestionUnreadable
from agentverse.asks.schemas import (
    CompilationWire,
    ContradictionWire,
    SuggestionWire,
    UnmappedWire,
)
from agentverse.compiler import Compilation, Contradiction, QuestionRefused, Suggestion, wording
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import FieldError
from agentverse.platform.scope import Scope
from agentverse.universe import EventScriptRow, ProjectRow, branching, scripts, variables
from agentverse.universe.branching import Branch
from agentverse.universe.event_schemas import EventScriptWire
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript

REFUSALS = {error.code: error for error in (QuestionEmpty, QuestionTooLong, QuestionUnreadable)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    compilation: Compilation
    wire: CompilationWire

    def may_run(self, *, accept_partial: bool) -> bool:
        """All of the question, or knowingly the part of it that was understood."""
        return self.compilation.ok or (accept_partial and bool(self.compilation.event_scripts))

    def branch(self, question: str, ask_id: UUID, inherited: Sequence[EventScriptRow]) -> Branch:
        """inherited: what the parent's chain already changes, in the order it folds."""
        sentences = tuple(script.sentence for script in self.wire.event_scripts)
        return Branch(
            event_scripts=self.compilation.event_scripts,
            sentences=sentences,
            label=wording.node_label(sentences),
            question=question,
            explanation=_explanation(self.wire, sentences, self._composed(inherited)),
            ask_id=ask_id,
        )

    def _composed(self, inherited: Sequence[EventScriptRow]) -> list[str]:
        """Sentences of earlier scripts that the new ones fold upon."""
        changed = {script.variable for script in self.compilation.event_scripts}
        return [row.sentence for row in inherited if row.variable in changed]


def check_question(question: str) -> str:
    """The question without blanks around it, if the compiler would read it.

    Raises QuestionEmpty, QuestionTooLong or QuestionUnreadable, with the compiler's own advice.
    """
    text = question.strip()
    with _refusals():
        compiler.check_question(text)
    return text


@contextmanager
def _refusals() -> Generator[None]:
    """What the compiler refuses, as the error that the API gives, at the field it came in."""
    try:
        yield
    except QuestionRefused as refused:
        error = REFUSALS.get(refused.code, QuestionUnreadable)
        named = FieldError(field="question", message=refused.message)
        raise error(refused.message, errors=[named]) from refused


def compile_question(
    scope: Scope, project_id: UUID, question: str, *, parent_node_id: UUID | None = None
) -> Compiled:
    """Pure after the registry is read; no session is open while it compiles.

    parent_node_id: the node asked from, whose own changes the question comes on top of.
    """
    with tenant_session(scope, read_only=True) as db:
        project = universe.get_project(db, project_id)
        registry = variables.load_registry(db, project)
        parent = branching.parent_of(db, project, parent_node_id, field="parent_node_id")
        changed = frozenset(row.variable for row in branching.chain_rows(db, parent))
    return compile_with(registry, project, question, changed)


def compile_with(
    registry: Registry, project: ProjectRow, question: str, changed: frozenset[str]
) -> Compiled:
    vocabulary = registry.vocabulary(
        project.horizon,
        project.parameters,
        changed=changed,
        subject=compiler.subject_of(project.name),
    )
    with _refusals():
        compilation = compiler.compile_question(question, vocabulary)
        offered = compiler.suggest(question, compilation, vocabulary)
    suggestions = [_suggestion(one, registry, project) for one in offered]
    wire = _wire(compilation, registry, project).model_copy(
        update={"needs_confirmation": not compilation.ok, "suggestions": suggestions}
    )
    return Compiled(compilation=compilation, wire=wire)


def _suggestion(offered: Suggestion, registry: Registry, project: ProjectRow) -> SuggestionWire:
    event_scripts = _scripts(offered.event_scripts, registry, project)
    return SuggestionWire(
        question=offered.question,
        sentence=wording.node_label([script.sentence for script in event_scripts]),
        event_scripts=event_scripts,
    )


def _wire(compilation: Compilation, registry: Registry, project: ProjectRow) -> CompilationWire:
    event_scripts = _scripts(compilation.event_scripts, registry, project)
    return CompilationWire(
        compiler=compilation.compiler,
        compiler_version=compilation.compiler_version,
        event_scripts=event_scripts,
        understood=[script.sentence for script in event_scripts],
        unmapped=[
            UnmappedWire(
                text=item.text, code=item.code, message=item.message, nearest=list(item.nearest)
            )
            for item in compilation.unmapped
        ],
        contradictions=[
            _contradiction(item, registry, project) for item in compilation.contradictions
        ],
        assumptions=list(compilation.assumptions),
    )


def _contradiction(
    found: Contradiction, registry: Registry, project: ProjectRow
) -> ContradictionWire:
    texts = [script.sentence for script in _scripts(found.event_scripts, registry, project)]
    return ContradictionWire(
        variable=found.variable, texts=texts, message=wording.contradiction(texts)
    )


def _scripts(
    found: Sequence[EventScript], registry: Registry, project: ProjectRow
) -> list[EventScriptWire]:
    return [
        scripts.wire_form(script, variables.sentence(registry, project, script)) for script in found
    ]


def _explanation(wire: CompilationWire, sentences: tuple[str, ...], composed: Sequence[str]) -> str:
    """How the question became this node, for a reader a year from now."""
    parts = [
        f"Changes {wording.listing(sentences)}.",
        *([wording.composition(composed)] if composed else []),
        f"Compiled without a language model ({wire.compiler} {wire.compiler_version}).",
        *wire.assumptions,
    ]
    left_out = [f"“{item.text}”" for item in wire.unmapped]
    left_out += [f"“{text}”" for item in wire.contradictions for text in item.texts]
    if left_out:
        parts.append(f"Left out, by choice of the person who asked: {wording.listing(left_out)}.")
    return " ".join(parts)
