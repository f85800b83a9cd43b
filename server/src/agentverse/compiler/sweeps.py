"""Several values in one question: "at $5, $6 … $9" is a question for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from agentverse.compiler.compilation import Compilation
from agentverse.compiler.errors import QuestionRefused
from agentverse.compiler.items import Amount
from agentverse.compiler.quantities import read_quantity
from agentverse.compiler.questions import compile_question
from agentverse.compiler.steps import StepBudget
from agentverse.compiler.suggestions import Suggestion
from agentverse.compiler.targets import TargetIndex, build_index
from agentverse.compiler.tokenizing import Token, singular, tokenize
from agentverse.compiler.vocabulary import Vocabulary

MOST_VALUES = 9
_CLOCK = frozenset({"tick", "day", "week", "month", "quarter", "year", "region", "segment"})
_JOINTS = frozenset({",", "or", "and", "/", "…", "."})
_SUMS = ("percent", "money", "plain", "points")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """amount: as said; before, after: what stands around its number ("$", " %")."""

    amount: Amount
    before: str
    after: str


def find_sweep(question: str, vocabulary: Vocabulary) -> tuple[Suggestion, ...]:
    """A whole question for each of 2 to 9 values of one change, in their order; empty: no sweep.

    All questions together may take the steps of one. Each must run by itself, and they must differ
    in the value of one and the same change alone.
    """
    texts = _texts(question)
    if not texts:
        return ()
    budget, index = StepBudget(), build_index(vocabulary)
    swept: list[Suggestion] = []
    for text in texts:
        compiled = _compiled(text, index, budget)
        if compiled is None or not compiled.ok:
            return ()
        swept.append(Suggestion(question=text, event_scripts=compiled.event_scripts))
    kinds = {tuple(replace(s, value=0.0, label="") for s in one.event_scripts) for one in swept}
    values = {one.event_scripts for one in swept}
    single = all(len(one.event_scripts) == 1 for one in swept)
    return tuple(swept) if single and len(kinds) == 1 and len(values) == len(swept) else ()


def _compiled(text: str, index: TargetIndex, budget: StepBudget) -> Compilation | None:
    try:
        return compile_question(text, index.vocabulary, budget=budget, index=index)
    except QuestionRefused:
        return None


def _texts(question: str) -> list[str]:
    tokens = tokenize(question)
    if any(token.text == "respectively" for token in tokens):
        return []
    for at in range(len(tokens)):
        run = _run(question, tokens, at)
        if run is None:
            continue
        values, last, steps = run
        numbers = _numbers(values, steps=steps)
        if not 2 <= len(numbers) <= MOST_VALUES:
            return []
        before, after = values[0].before, values[-1].after or values[0].after
        start, end = tokens[at].start, tokens[last - 1].end
        return [
            f"{question[:start]}{before}{number:f}{after}{question[end:]}" for number in numbers
        ]
    return []


def _run(question: str, tokens: list[Token], at: int) -> tuple[list[_Value], int, bool] | None:
    """The amounts that a list joins from a place on, the place after them, and whether dots stand
    between the last two."""
    if at and singular(tokens[at - 1].text) in _CLOCK:
        return None
    values: list[_Value] = []
    place, joint, joints, last = at, "", list[str](), at
    while True:
        value, after = _value(question, tokens, place)
        if value is None:
            break
        values.append(value)
        joints.append(joint)
        last = after
        joint, place = _joint(tokens, after)
        if not joint:
            break
    dots = [place for place, one in enumerate(joints) if one == "…"]
    several = len(values) > 2 or "or" in joints or bool(dots)
    listed = len(values) > 1 and several and dots in ([], [len(values) - 1])
    return (values, last, bool(dots)) if listed and _alike(values) else None


def _value(question: str, tokens: list[Token], at: int) -> tuple[_Value | None, int]:
    if at >= len(tokens) or tokens[at].text in _JOINTS:
        return None, at
    # Up to what joins the next one: "$6 or $7" by itself is a range.
    ends = (place for place in range(at, len(tokens)) if tokens[place].text in _JOINTS)
    read = read_quantity(tokens[: next(ends, len(tokens))], at)
    if read is None or read[0].kind not in _SUMS or read[0].problem or read[0].sign:
        return None, at
    amount, after = read
    numbers = [place for place in range(at, after) if tokens[place].number is not None]
    if len(numbers) != 1:
        return None, at
    number = tokens[numbers[0]]
    before = question[tokens[at].start : number.start]
    behind = question[number.end : tokens[after - 1].end]
    return _Value(amount=amount, before=before, after=behind), after


def _joint(tokens: list[Token], at: int) -> tuple[str, int]:
    """What joins two amounts, and the place after it; "" where nothing does."""
    words = [token.text for token in tokens[at : at + 4]]
    if words[:1] == [","] and words[1:2] in (["and"], ["or"]):
        return words[1], at + 2
    if words[:1] and words[0] in (",", "and", "or", "/"):
        dotted = _joint(tokens, at + 1) if words[0] == "," else ("", at)
        return dotted if dotted[0] == "…" else (words[0], at + 1)
    if words[:3] == [".", ".", "."]:
        return "…", at + 3 + (words[3:4] == [","])
    if words[:1] == ["…"]:
        return "…", at + 1 + (words[1:2] == [","])
    return "", at


def _alike(values: Sequence[_Value]) -> bool:
    """One unit for all, said with each, before the first or after the last."""
    said = {(one.amount.kind, one.amount.unit, one.amount.per) for one in values}
    units = {one for one in said if one[0] != "plain"}
    first, last = values[0], values[-1]
    plain_between = all(
        one.amount.kind == "plain" for one in values[1:-1] if one.amount.kind != first.amount.kind
    )
    ends = "plain" not in (first.amount.kind, last.amount.kind) or len(units) <= 1
    return len(units) <= 1 and plain_between and ends


def _numbers(values: Sequence[_Value], *, steps: bool) -> list[Decimal]:
    """In order; with dots, equal steps up to the last one. None where the steps miss it."""
    said = [one.amount.value for one in values]
    if not steps:
        return said
    if len(said) < 3:
        return []
    step, last = said[-2] - said[-3], said[-1]
    count = (last - said[-2]) / step if step else Decimal(0)
    if count != int(count) or not 1 <= count <= MOST_VALUES:
        return []
    filled = [said[-2] + step * number for number in range(1, int(count) + 1)]
    regular = all(right - left == step for left, right in pairwise(said[:-1]))
    return [*said[:-1], *filled] if regular else []
