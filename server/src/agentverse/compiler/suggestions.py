"""What a question that does not run may have meant: whole questions that do, best first.

Each is put together from what was said of the part that is not understood (what, how much, for
whom, when), and compiled like any other: a suggestion that would not run is not made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentverse.compiler.chunking import chunk
from agentverse.compiler.compilation import Compilation, Unmapped
from agentverse.compiler.errors import QuestionRefused
from agentverse.compiler.items import Item
from agentverse.compiler.measures import point_size
from agentverse.compiler.periods import Clock
from agentverse.compiler.questions import compile_question
from agentverse.compiler.steps import StepBudget
from agentverse.compiler.targets import TargetIndex, build_index
from agentverse.compiler.tokenizing import tokenize
from agentverse.compiler.vocabulary import Vocabulary
from agentverse.compiler.wording import called
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.inputs.variables import Variable

MOST = 5
# Each attempt is one compilation.
ATTEMPTS = 16
_CHANGES = {1: ("rises by", "is set to"), -1: ("falls by", "is set to"),
            0: ("is set to", "rises by", "falls by")}  # fmt: skip
# What moves an outcome may move it either way, and its own value is no value of the outcome.
_OF_OUTCOME = ("rises by", "falls by")
_AROUND = ("time", "regions", "segments", "everyone", "except", "complement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A question to ask instead, and the scripts that it compiles to."""

    question: str
    event_scripts: tuple[EventScript, ...]


def suggest(
    question: str, compilation: Compilation, vocabulary: Vocabulary
) -> tuple[Suggestion, ...]:
    """At most MOST questions with different scripts; none where the question runs as it is.

    All attempts together may take the steps of one question.
    """
    if compilation.ok or not compilation.unmapped or compilation.contradictions:
        return ()
    budget, index = StepBudget(), build_index(vocabulary)
    suggestions: dict[tuple[EventScript, ...], Suggestion] = {}
    for attempt, text in enumerate(_texts(compilation, index, budget)):
        if attempt >= ATTEMPTS or len(suggestions) >= MOST:
            break
        compiled = _compiled(text, index, budget)
        if compiled is not None and compiled.ok:
            scripts = compiled.event_scripts
            suggestions.setdefault(scripts, Suggestion(question=text, event_scripts=scripts))
    return tuple(suggestions.values())


def _compiled(text: str, index: TargetIndex, budget: StepBudget) -> Compilation | None:
    try:
        return compile_question(text, index.vocabulary, budget=budget, index=index)
    except QuestionRefused:
        return None


def _texts(compilation: Compilation, index: TargetIndex, budget: StepBudget) -> Iterator[str]:
    understood = [part.text for part in compilation.understood]
    kept = list(dict.fromkeys(understood))
    said = [part for part in compilation.unmapped if any(c.isdigit() for c in part.text)]
    parts = said or list(compilation.unmapped)
    if not said and kept:
        yield " and ".join(kept)
    for part in parts[:2]:
        for text in _readings(part, index, budget):
            yield " and ".join([*kept, text])


def _readings(part: Unmapped, index: TargetIndex, budget: StepBudget) -> Iterator[str]:
    """The part alone, then each of its likely variables with each way to change it."""
    yield part.text
    items = _items(part.text, index, budget)
    around = _around(items)
    amounts = [item for item in items if item.kind == "quantity" and item.amount]
    signs = {item.sign for item in items if item.kind in ("direction", "instrument")}
    sign = signs.pop() if len(signs) == 1 else 0
    changes = _OF_OUTCOME if part.code == "outcome" else _CHANGES[sign]
    for variable in _variables(part, items, index.vocabulary):
        for amount in amounts[:2]:
            for text in _changes(amount, variable, changes, sign):
                yield f"{called(variable)} {text}{around}"


def _items(text: str, index: TargetIndex, budget: StepBudget) -> list[Item]:
    clock = Clock(unit=index.vocabulary.tick_unit, horizon=index.vocabulary.horizon)
    try:
        return chunk(text, tokenize(text), index, clock, budget).items
    except QuestionRefused:
        return []


def _around(items: list[Item]) -> str:
    """For whom and when, in the words of the question."""
    kept: list[str] = []
    for place, item in enumerate(items):
        if item.kind in _AROUND:
            before = items[place - 1] if place else None
            ahead = before.text if before and before.kind == "preposition" else ""
            if not ahead and item.kind in ("regions", "segments"):
                ahead = "in" if item.kind == "regions" else "for"
            kept.append(f" {ahead} {item.text}".replace("  ", " "))
    return "".join(kept)


def _variables(part: Unmapped, items: list[Item], vocabulary: Vocabulary) -> list[Variable]:
    named = [name for item in items if item.kind == "parameter" for name in item.names]
    names: list[str] = list(dict.fromkeys(named or part.nearest))
    return [variable for name in names if (variable := vocabulary.variable(name))]


def _changes(item: Item, variable: Variable, changes: Sequence[str], sign: int) -> Iterator[str]:
    """A factor says by itself which way; any other amount goes with each of the changes."""
    amount = item.amount
    if amount is not None and amount.kind == "factor":
        factor = 1 / amount.value if sign < 0 < amount.value - 1 else amount.value
        yield f"is multiplied by {factor:.10g}"
        return
    for change in changes:
        for text in _amounts(item, variable, change):
            yield f"{change} {text}"


def _amounts(item: Item, variable: Variable, change: str) -> Iterator[str]:
    """A percentage of a percentage has two readings, the others one."""
    amount = item.amount
    stepped = change != "is set to" and point_size(variable) is not None
    if amount is not None and amount.kind == "percent" and stepped:
        yield f"{amount.value} percentage points"
    if amount is not None and amount.kind == "fraction":
        yield f"{100 * amount.value:.10g} %"
        return
    yield item.text
