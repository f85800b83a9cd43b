"""Between a project and the compiler: its vocabulary in, wire forms and a branch out."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from agentverse import compiler, universe
from agentverse.asks import before_after, model_reading
from agentverse.asks.errors import (
    ModelNotAllowed,
    QuestionEmpty,
    QuestionTooLong,
    QuestionUnreadable,
)
from agentverse.asks.model_reading import Reading
from agentverse.asks.schemas import (
    ChangeValues,
    CompilationWire,
    ContradictionWire,
    GoalOffer,
    SuggestionWire,
    UnderstoodWire,
    UnmappedWire,
)
from agentverse.compiler import (
    COMPILER,
    COMPILER_VERSION,
    Compilation,
    Contradiction,
    GoalAsked,
    QuestionRefused,
    Suggestion,
    Vocabulary,
    wording,
)
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import FieldError
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.runs.inputs import with_parameters
from agentverse.universe import (
    EventScriptRow,
    NodeRow,
    ProjectRow,
    branching,
    changing,
    scripts,
    variables,
)
from agentverse.universe.branching import Branch
from agentverse.universe.event_schemas import EventScriptInput, EventScriptWire, ScopeWire
from agentverse.universe.schemas import CompilerChoice
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript, Population

REFUSALS = {error.code: error for error in (QuestionEmpty, QuestionTooLong, QuestionUnreadable)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """confirmed: what a person confirmed, and what runs then in place of what was read."""

    compilation: Compilation
    wire: CompilationWire
    confirmed: tuple[EventScriptWire, ...] = ()

    def may_run(self, *, accept_partial: bool) -> bool:
        """All of the question, or knowingly the part of it that was understood."""
        if self.confirmed or self.compilation.ok:
            return True
        return accept_partial and bool(self.compilation.event_scripts)

    def branch(self, question: str, ask_id: UUID, inherited: Sequence[EventScriptRow]) -> Branch:
        """inherited: what the parent's chain already changes, in the order it folds."""
        wires = self.confirmed or tuple(self.wire.event_scripts)
        sentences = tuple(script.sentence for script in wires)
        changed = {script.variable for script in wires}
        composed = [row.sentence for row in inherited if row.variable in changed]
        return Branch(
            event_scripts=tuple(scripts.from_wire(script) for script in self.confirmed)
            or self.compilation.event_scripts,
            sentences=sentences,
            label=wording.node_label(sentences),
            question=question,
            explanation=_explanation(self, sentences, composed),
            ask_id=ask_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a question is read with: the project, its variables, and what its node changes."""

    project: ProjectRow
    registry: Registry
    population: Population
    inherited: Sequence[EventScriptRow]

    def vocabulary(self) -> Vocabulary:
        return self.registry.vocabulary(
            self.project.horizon,
            self.project.parameters,
            changed=frozenset(row.variable for row in self.inherited),
            subject=compiler.subject_of(self.project.name),
            earlier=[scripts.engine_form(row) for row in self.inherited],
        )


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
    scope: Scope,
    project_id: UUID,
    question: str,
    *,
    parent_node_id: UUID | None = None,
    choice: CompilerChoice | None = None,
    origin: UUID | None = None,
) -> Compiled:
    """No session is open while it compiles; slow where a model is asked.

    parent_node_id: the node asked from, whose own changes the question comes on top of. choice: who
    reads, None: as the project says. origin: what a model is asked for, by which its cost is
    summed. Raises ModelNotAllowed.
    """
    asked = read_project(scope, project_id, parent_node_id)
    reader = chosen_reader(asked.project, choice)
    compiled = read_by_rules(asked, question, reader)
    return read_on(scope, asked, question, compiled, reader, origin=origin)


def read_by_rules(asked: Asked, question: str, reader: CompilerChoice) -> Compiled:
    """What the rules read; nothing where a model reads every question."""
    return _left_to_model(asked) if reader == "model" else compile_with(asked, question)


def read_on(
    scope: Scope,
    asked: Asked,
    question: str,
    compiled: Compiled,
    reader: CompilerChoice,
    *,
    origin: UUID | None = None,
) -> Compiled:
    """The same with what a model reads of it, where the question is left open and it may."""
    if reader == "rules" or compiled.compilation.ok:
        return compiled
    reading = model_reading.read_question(
        scope, question, asked.vocabulary(), project_id=asked.project.id, origin=origin or new_id()
    )
    return _with_reading(compiled, reading, asked, question)


def chosen_reader(project: ProjectRow, choice: CompilerChoice | None) -> CompilerChoice:
    """Who reads a question of this project. Raises ModelNotAllowed."""
    if choice in ("model", "both") and project.compiler == "rules":
        raise ModelNotAllowed(
            "No language model may see the questions of this project. Let one with "
            f'PATCH /api/v1/projects/{project.id} {{"compiler": "both"}}, or ask with "rules".'
        )
    return choice or cast("CompilerChoice", project.compiler)


def _left_to_model(asked: Asked) -> Compiled:
    """Nothing is read by the rules, so that nothing runs without a confirmation."""
    compilation = Compilation(compiler=compiler.READER, compiler_version=compiler.PROMPT_VERSION)
    wire = _wire(compilation, asked).model_copy(update={"needs_confirmation": True})
    return Compiled(compilation=compilation, wire=wire)


def _with_reading(compiled: Compiled, reading: Reading, asked: Asked, question: str) -> Compiled:
    """The compilation as it was, with what a model read offered before what the rules suggest."""
    offered = (
        []
        if reading.compilation is None
        else [_read_by_model(reading.compilation, asked, question)]
    )
    by_model = [suggestion.event_scripts for suggestion in offered]
    others = [one for one in compiled.wire.suggestions if one.event_scripts not in by_model]
    wire = compiled.wire.model_copy(
        update={
            "suggestions": [*offered, *others],
            "model_reading": reading.wire(),
        }
    )
    return replace(compiled, wire=wire)


def _read_by_model(compilation: Compilation, asked: Asked, question: str) -> SuggestionWire:
    wire = _wire(compilation, asked)
    return SuggestionWire(
        question=question,
        sentence=wording.node_label([script.sentence for script in wire.event_scripts]),
        event_scripts=wire.event_scripts,
        values=wire.values,
        read_by="model",
        understood=wire.understood,
        assumptions=wire.assumptions,
    )


def tell_edited(
    scope: Scope,
    project_id: UUID,
    edited: Sequence[EventScriptInput],
    *,
    parent_node_id: UUID | None = None,
) -> CompilationWire:
    """The change as a person edited it, in words and in values before and after.

    Raises EventScriptInvalid, by field.
    """
    asked = read_project(scope, project_id, parent_node_id)
    confirmed = _confirm(asked, edited)
    return CompilationWire(
        compiler=COMPILER,
        compiler_version=COMPILER_VERSION,
        event_scripts=confirmed,
        understood=[],
        values=_values(asked, [scripts.from_wire(script) for script in confirmed]),
        unmapped=[],
        contradictions=[],
        assumptions=[],
        warnings=_warnings(asked, [scripts.from_wire(script) for script in confirmed]),
    )


def confirm(
    db: TenantSession, project: ProjectRow, parent: NodeRow, edited: Sequence[EventScriptInput]
) -> list[EventScriptWire]:
    """The change that a person confirmed, with its sentences.

    Raises EventScriptInvalid, by field.
    """
    return _confirm(_asked(db, project, parent), edited)


def read_project(scope: Scope, project_id: UUID, parent_node_id: UUID | None) -> Asked:
    """What a question is read with, in a transaction of its own."""
    with tenant_session(scope, read_only=True) as db:
        project = universe.get_project(db, project_id)
        parent = branching.parent_of(db, project, parent_node_id, field="parent_node_id")
        return _asked(db, project, parent)


def _asked(db: TenantSession, project: ProjectRow, parent: NodeRow) -> Asked:
    registry = variables.load_registry(db, project)
    return Asked(
        project=project,
        registry=registry,
        population=registry.population,
        inherited=branching.chain_rows(db, parent),
    )


def _confirm(asked: Asked, edited: Sequence[EventScriptInput]) -> list[EventScriptWire]:
    confirmed = tuple(scripts.from_wire(script) for script in edited)
    fields = tuple(f"event_scripts[{index}]" for index in range(len(confirmed)))
    changing.check(asked.registry, asked.project, asked.inherited, confirmed, fields)
    return _scripts(confirmed, asked)


def compile_with(asked: Asked, question: str) -> Compiled:
    vocabulary = asked.vocabulary()
    with _refusals():
        compilation = compiler.compile_question(question, vocabulary)
        offered = compiler.suggest(question, compilation, vocabulary)
    sought = None if compilation.ok else compiler.find_goal(question, vocabulary)
    swept = () if compilation.ok else compiler.find_sweep(question, vocabulary)
    wire = _wire(compilation, asked).model_copy(
        update={
            "needs_confirmation": not compilation.ok,
            "suggestions": [_suggestion(one, asked) for one in offered],
            "sweep": [_suggestion(one, asked) for one in swept],
            "goal": None if sought is None else _goal(sought, asked),
        }
    )
    return Compiled(compilation=compilation, wire=wire)


def _goal(sought: GoalAsked, asked: Asked) -> GoalOffer:
    label = asked.registry.alternative_labels[sought.alternative]
    name, unit = wording.called(sought.variable), sought.variable.unit
    kind = asked.registry.template.metric
    who = wording.who(sought.scope, asked.registry.names_in_words)
    shares = asked.registry.words.share_of(kind)
    return GoalOffer(
        sentence=f"Which {name}, {who}, gives {label} {100 * sought.share:g} % of {shares}?",
        variable=sought.variable.name,
        unit="" if unit == "1" else unit,
        scope=ScopeWire(regions=list(sought.scope.regions), segments=list(sought.scope.segments)),
        lower=sought.lower,
        upper=sought.upper,
        alternative=sought.alternative,
        kind=kind,
        value=sought.share,
    )


def _suggestion(offered: Suggestion, asked: Asked) -> SuggestionWire:
    event_scripts = _scripts(offered.event_scripts, asked)
    return SuggestionWire(
        question=offered.question,
        sentence=wording.node_label([script.sentence for script in event_scripts]),
        event_scripts=event_scripts,
        values=_values(asked, offered.event_scripts),
    )


def _wire(compilation: Compilation, asked: Asked) -> CompilationWire:
    event_scripts = _scripts(compilation.event_scripts, asked)
    words = {part.script: part.text for part in compilation.understood}
    return CompilationWire(
        compiler=compilation.compiler,
        compiler_version=compilation.compiler_version,
        event_scripts=event_scripts,
        understood=[
            UnderstoodWire(text=words.get(index, ""), sentence=script.sentence)
            for index, script in enumerate(event_scripts)
        ],
        values=_values(asked, compilation.event_scripts),
        unmapped=[
            UnmappedWire(
                text=item.text, code=item.code, message=item.message, nearest=list(item.nearest)
            )
            for item in compilation.unmapped
        ],
        contradictions=[_contradiction(item, asked) for item in compilation.contradictions],
        assumptions=list(compilation.assumptions),
        warnings=_warnings(asked, compilation.event_scripts),
    )


def _warnings(asked: Asked, event_scripts: Sequence[EventScript]) -> list[str]:
    return changing.warnings(asked.registry, asked.project, asked.inherited, event_scripts)


def _contradiction(contradiction: Contradiction, asked: Asked) -> ContradictionWire:
    texts = [script.sentence for script in _scripts(contradiction.event_scripts, asked)]
    return ContradictionWire(
        variable=contradiction.variable, texts=texts, message=wording.contradiction(texts)
    )


def _scripts(event_scripts: Sequence[EventScript], asked: Asked) -> list[EventScriptWire]:
    registry, project = asked.registry, asked.project
    return [
        scripts.wire_form(script, variables.sentence(registry, project, script))
        for script in event_scripts
    ]


def _values(asked: Asked, event_scripts: Sequence[EventScript]) -> list[ChangeValues]:
    by_name = {
        variable.name: variable
        for variable in with_parameters(asked.registry.variables, asked.project.parameters)
    }
    earlier = [scripts.engine_form(row) for row in asked.inherited]
    return [
        before_after.values(
            asked.registry,
            asked.population,
            by_name[script.variable],
            script,
            [other for other in earlier if other.variable == script.variable],
        )
        for script in event_scripts
    ]


def _explanation(compiled: Compiled, sentences: tuple[str, ...], composed: Sequence[str]) -> str:
    """How the question became this node, for a reader a year from now."""
    wire = compiled.wire
    parts = [
        f"Changes {wording.listing(sentences)}.",
        *([wording.composition(composed)] if composed else []),
    ]
    if compiled.confirmed:
        return " ".join([*parts, "Confirmed by the person who asked, in place of what was read."])
    parts += [
        f"Compiled without a language model ({wire.compiler} {wire.compiler_version}).",
        *wire.assumptions,
    ]
    left_out = [f"“{item.text}”" for item in wire.unmapped]
    left_out += [f"“{text}”" for item in wire.contradictions for text in item.texts]
    if left_out:
        parts.append(f"Left out, by choice of the person who asked: {wording.listing(left_out)}.")
    return " ".join(parts)
