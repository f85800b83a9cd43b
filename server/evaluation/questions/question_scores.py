"""What the compiler made of a question, judged by the values it gives and not by its scripts."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from question_files import Change, Question
from question_worlds import today_of

from agentverse.compiler import Compilation, Vocabulary
from agentverse_engine.inputs.events import EventScript, Scope
from agentverse_engine.inputs.variables import Variable

Verdict = Literal["exact", "asked back", "refused rightly", "refused wrongly", "wrong and run"]
VERDICTS: tuple[Verdict, ...] = (
    "exact",
    "asked back",
    "refused rightly",
    "refused wrongly",
    "wrong and run",
)
POINTS = {"exact": 1, "refused rightly": 1, "wrong and run": -10}
OPERATIONS = {"set": "set", "scale": "multiply", "add": "add"}
# (variable, segment, region, tick) → what two starting values become
Cell = tuple[str, str, str, int]
Table = dict[Cell, tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    question: Question
    verdict: Verdict


def judge(
    question: Question,
    compilation: Compilation,
    suggested: Sequence[Sequence[EventScript]],
    vocabulary: Vocabulary,
) -> Score:
    """suggested: the scripts of each answer that is offered where the question does not run."""
    return Score(
        question=question,
        verdict=_verdict(question, compilation, suggested, vocabulary),
    )


def _verdict(
    question: Question,
    compilation: Compilation,
    suggested: Sequence[Sequence[EventScript]],
    vocabulary: Vocabulary,
) -> Verdict:
    if question.expect == "refuse":
        return "wrong and run" if compilation.ok else "refused rightly"
    meant = table(expected_scripts(question.changes, vocabulary), vocabulary)
    near = _tolerance(question)
    if compilation.ok:
        same = _equal(table(compilation.event_scripts, vocabulary), meant, near)
        return "exact" if same else "wrong and run"
    offered = any(_equal(table(scripts, vocabulary), meant, near) for scripts in suggested)
    return "asked back" if offered else "refused wrongly"


def expected_scripts(changes: Iterable[Change], vocabulary: Vocabulary) -> list[EventScript]:
    """LookupError: a name that the template has not."""
    return [
        EventScript(
            variable=_variable(change.variable, vocabulary).name,
            operation=OPERATIONS[change.mode],  # type: ignore[arg-type]
            value=change.value,
            scope=Scope(
                regions=_group(change.region, vocabulary.regions),
                segments=_group(change.segment, vocabulary.segments),
                start_tick=change.first_tick or 0,
                end_tick=change.last_tick,
            ),
        )
        for change in changes
    ]


def _variable(text: str, vocabulary: Vocabulary) -> Variable:
    for variable in vocabulary.variables:
        if text.lower() in (variable.name.lower(), variable.label.lower()):
            return variable
    raise LookupError(f"no variable is called {text!r}")


def _group(text: str | None, terms: object) -> tuple[str, ...]:
    if text is None:
        return ()
    assert isinstance(terms, dict)
    for name, term in terms.items():
        if text.lower() in (str(name).lower(), str(term[0]).lower()):
            return (str(name),)
    raise LookupError(f"no group is called {text!r}")


def table(scripts: Iterable[EventScript], vocabulary: Vocabulary) -> Table:
    """Only the cells that differ from where they start."""
    values: Table = {}
    for script in scripts:
        variable = vocabulary.variable(script.variable)
        assert variable is not None
        start = today_of(variable)
        for cell in _cells(script, vocabulary):
            now = values.get(cell, start)
            values[cell] = tuple(_applied(script, value, variable) for value in now)
    return {
        cell: after
        for cell, after in values.items()
        if not _close(after, today_of(_named(cell[0], vocabulary)))
    }


def _named(name: str, vocabulary: Vocabulary) -> Variable:
    variable = vocabulary.variable(name)
    assert variable is not None
    return variable


def _cells(script: EventScript, vocabulary: Vocabulary) -> Iterable[Cell]:
    scope = script.scope
    last = vocabulary.horizon if scope.end_tick is None else scope.end_tick
    segments = scope.segments or tuple(vocabulary.segments)
    regions = scope.regions or tuple(vocabulary.regions)
    for segment, region, tick in product(
        segments, regions, range(max(1, scope.start_tick), last + 1)
    ):
        yield script.variable, segment, region, tick


def _applied(script: EventScript, value: float, variable: Variable) -> float:
    after = {
        "set": script.value,
        "multiply": value * script.value,
        "add": value + script.value,
        "min": min(value, script.value),
        "max": max(value, script.value),
    }[script.operation]
    return min(max(after, variable.minimum), variable.maximum)


def _tolerance(question: Question) -> float:
    """Rates of giving up may be said as a share a year or as a hazard: world.md."""
    return 0.07 if any(one.variable == "abandonment" for one in question.changes) else 1e-6


def _equal(left: Table, right: Table, near: float) -> bool:
    return left.keys() == right.keys() and all(
        _close(left[cell], right[cell], near) for cell in left
    )


def _close(left: tuple[float, ...], right: tuple[float, ...], near: float = 1e-9) -> bool:
    return all(
        math.isclose(a, b, rel_tol=near, abs_tol=1e-9) for a, b in zip(left, right, strict=True)
    )


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion (Wilson 1927); (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    z, share = 1.959964, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def counts(scores: Iterable[Score]) -> Counter[str]:
    return Counter(score.verdict for score in scores)


def penalty(scores: Iterable[Score]) -> int:
    """+1 for each right answer, 0 for asking, −10 for a wrong answer that runs."""
    return sum(POINTS.get(score.verdict, 0) for score in scores)
