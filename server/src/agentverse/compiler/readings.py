"""A question as a model reads it: names chosen and words quoted; then scripts, or a refusal.

The model computes nothing. Variables, regions and segments are names of the project; every amount
and every time is a quotation, and what it says is read where it stands in the question by the same
readers, and judged by the same resolver, as in the grammar.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from agentverse.compiler import wording
from agentverse.compiler.changes import ticks_of
from agentverse.compiler.chunking import chunk
from agentverse.compiler.compilation import Compilation, Understood
from agentverse.compiler.contradictions import contradict
from agentverse.compiler.items import Amount, AmountKind, Item, ItemKind
from agentverse.compiler.periods import Clock
from agentverse.compiler.refusals import Unmappable
from agentverse.compiler.resolving import resolve
from agentverse.compiler.said import Mode, SaidAmount
from agentverse.compiler.starting import check_from_today, find_nothing_left
from agentverse.compiler.stating import unit_of
from agentverse.compiler.steps import StepBudget
from agentverse.compiler.targets import build_index
from agentverse.compiler.tokenizing import Token, tokenize
from agentverse.compiler.vocabulary import Vocabulary
from agentverse_engine.inputs.events import EventScript, Scope
from agentverse_engine.inputs.variables import Variable

READER = "language model"
# Of instructions and schema together: whoever changes either, counts on.
PROMPT_VERSION = "1"
MOST_CHANGES = 8
LONGEST_ANSWER = 20_000
LONGEST_QUOTED = 80
MODES: tuple[Mode, ...] = ("set", "scale", "points", "shift", "floor", "cap", "remove")
DIRECTIONS = {"up": 1, "down": -1, "none": 0}
_STEPS = ("scale", "points", "shift")
# What can be said of how much with which kind of amount; the rest says two things at once.
_MODES_OF: dict[AmountKind, tuple[Mode, ...]] = {
    "percent": ("set", "scale"),
    "fraction": ("set", "scale"),
    "factor": ("scale",),
    "points": ("set", "points"),
    "money": ("set", "shift", "floor", "cap"),
    "plain": ("set", "shift", "floor", "cap"),
    "duration": ("set", "shift", "floor", "cap"),
}
_FIELDS = frozenset(
    {"words", "variable", "mode", "direction", "amount", "of_today", "when", "who"}
    | {"regions", "segments"}
)

RULES = """\
You read a what-if question about a simulated population into changes of its variables. You choose
among names and quote words of the question; you compute nothing, convert nothing, add nothing.

Answer with one JSON document that fits the schema. Each change has:
- words: the words of the question that say this change, copied exactly.
- variable: the one variable of the list that it changes. One change for each variable.
- mode: "set" to a new value; "scale" by a percentage, fraction or factor; "points" for percentage
  or basis points; "shift" by an amount in the variable's unit; "floor" at least; "cap" at most;
  "remove" switched off, without an amount.
- direction: "up", "down", or "none" for a new value. A subsidy lowers a cost, a tax raises it.
- amount: the words of the amount, copied exactly with their unit ("30 %", "a third", "$500"); ""
  only where the mode is "remove". Never an amount that the question does not say.
- of_today: true where the new value is a part of today's value ("to 70 % of what it is now").
- when: the words that say when or for how long, copied exactly; [] where none are said.
- who: the words that say for whom or where, copied exactly; "" for everyone.
- regions, segments: the names that those words mean; [] for everyone.

What the list has no variable for, or the question gives no amount for, you leave out and quote in
`left_out`. Where nothing can be read, `changes` is []. Never guess.
"""


class ReadingRefused(Exception):
    """A model's answer that is no reading of the question; `problem` says to it why not."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The question as the grammar sees it: items and their places in the text."""

    question: str
    vocabulary: Vocabulary
    tokens: Sequence[Token]
    items: Sequence[Item]

    def span_of(self, item: Item) -> tuple[int, int]:
        return self.tokens[item.first].start, self.tokens[item.last - 1].end

    def within(self, span: tuple[int, int], kind: ItemKind) -> list[Item]:
        """Items of a kind that the quoted words touch: whole, whatever was cut off them."""
        return [
            item for item in self.items if item.kind == kind and _meet(self.span_of(item), span)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    script: EventScript
    span: tuple[int, int]
    notes: tuple[str, ...]
    used: tuple[Item, ...]


def instructions(vocabulary: Vocabulary) -> str:
    """What a model is told before the question: the rules, and every name with its words."""
    unit = vocabulary.tick_unit
    parts = [
        RULES,
        f"Time runs in {unit}s, from {unit} 1 to {unit} {vocabulary.horizon}.",
        "Variables:",
        *(_described(variable) for variable in vocabulary.variables),
        *_groups("Regions", vocabulary.regions),
        *_groups("Segments", vocabulary.segments),
    ]
    return "\n".join(parts)


def _described(variable: Variable) -> str:
    today = "differs by person" if variable.default is None else f"{variable.default:g} today"
    return (
        f"- {variable.name}: {variable.label}, in {variable.unit}, from {variable.minimum:g} to "
        f"{variable.maximum:g}, {today}"
    )


def _groups(title: str, groups: Any) -> list[str]:
    if not groups:
        return []
    return [f"{title}:", *(f"- {name}: {', '.join([t[0], *t[1]])}" for name, t in groups.items())]


def answer_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """The JSON schema of a reading; names are closed lists of the project's own."""
    texts = {"type": "array", "items": {"type": "string"}, "maxItems": MOST_CHANGES}
    properties: dict[str, Any] = {
        "words": {"type": "string"},
        "variable": {"enum": [variable.name for variable in vocabulary.variables]},
        "mode": {"enum": list(MODES)},
        "direction": {"enum": list(DIRECTIONS)},
        "amount": {"type": "string"},
        "of_today": {"type": "boolean"},
        "when": texts,
        "who": {"type": "string"},
        "regions": _names(vocabulary.regions),
        "segments": _names(vocabulary.segments),
    }
    change = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "changes": {"type": "array", "items": change, "maxItems": MOST_CHANGES},
            "left_out": texts,
        },
        "required": ["changes", "left_out"],
        "additionalProperties": False,
    }


def _names(groups: Any) -> dict[str, Any]:
    names = list(groups)
    # An empty enum is no schema: nothing can be chosen, which `maxItems` says.
    items = {"type": "string", "enum": names} if names else {"type": "string"}
    return {"type": "array", "items": items, "maxItems": len(names)}


def compile_reading(question: str, answer: str, vocabulary: Vocabulary) -> Compilation:
    """A model's answer to a question, as the compiler would have written it.

    No scripts where the model says that it can read nothing. Raises ReadingRefused for an answer
    that is no reading, or says what the question does not; QuestionUnreadable as the grammar does.
    """
    document = _object(_parsed(answer), "The answer", {"changes", "left_out"})
    words = _read_words(question, vocabulary)
    changes = [
        _change(one, words) for one in _list(document["changes"], "changes", most=MOST_CHANGES)
    ]
    left_out = [_quoted(text, question, "left_out") for text in _texts(document, "left_out")]
    return _compilation(changes, left_out, words)


def _read_words(question: str, vocabulary: Vocabulary) -> _Words:
    tokens = tokenize(question)
    clock = Clock(unit=vocabulary.tick_unit, horizon=vocabulary.horizon)
    chunks = chunk(question, tokens, build_index(vocabulary), clock, StepBudget())
    return _Words(question=question, vocabulary=vocabulary, tokens=tokens, items=chunks.items)


def _parsed(answer: str) -> object:
    if len(answer) > LONGEST_ANSWER:
        raise ReadingRefused("The answer is too long for a reading.")
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        raise ReadingRefused("The answer is not one JSON document.") from None


def _change(given: object, words: _Words) -> _Change:
    entry = _object(given, "A change", _FIELDS)
    variable = words.vocabulary.variable(_text(entry, "variable"))
    if variable is None:
        raise ReadingRefused(f"{_shown(entry['variable'])} is no variable of this project.")
    span = _quoted(_text(entry, "words"), words.question, "words")
    said, of_amount = _said(entry, words)
    times = _times(entry, words)
    try:
        effect = resolve(said, variable, tick_unit=words.vocabulary.tick_unit)
        timings = [item.timing for item in times if item.timing is not None]
        start, end, notes = ticks_of(timings, words.vocabulary)
        scope = replace(_scope(entry, words), start_tick=start, end_tick=end)
        script = EventScript(
            variable=variable.name, operation=effect.operation, value=effect.value, scope=scope
        )
    except Unmappable as refusal:
        raise ReadingRefused(f"Of {variable.name}: {refusal.problem.message}") from None
    used = [*times, *([of_amount] if of_amount else [])]
    return _Change(script=script, span=span, notes=(*effect.notes, *notes), used=tuple(used))


def _said(entry: dict[str, Any], words: _Words) -> tuple[SaidAmount, Item | None]:
    """Return how much is said, and the item of the question that says it."""
    mode = _one_of(entry, "mode", MODES)
    direction = DIRECTIONS[_one_of(entry, "direction", tuple(DIRECTIONS))]
    text = _text(entry, "amount")
    if mode == "remove":
        if text:
            raise ReadingRefused(f"“{_cut(text)}”: what is switched off has no amount.")
        return SaidAmount(mode="remove"), None
    item = _amount_item(text, words)
    amount = item.amount
    assert amount is not None  # noqa: S101 - found by its amount
    return _with_amount(entry, mode, direction, item, amount), item


def _amount_item(text: str, words: _Words) -> Item:
    span = _quoted(text, words.question, "amount")
    items = [item for item in words.within(span, "quantity") if item.amount is not None]
    if len(items) != 1:
        number = "no amount" if not items else "more than one amount"
        raise ReadingRefused(f"“{_cut(text)}” says {number} that can be read.")
    return items[0]


def _with_amount(
    entry: dict[str, Any], mode: Mode, direction: int, item: Item, amount: Amount
) -> SaidAmount:
    if amount.problem is not None or amount.kind not in _MODES_OF:
        raise ReadingRefused(f"“{item.text}” is not one amount.")
    if mode not in _MODES_OF[amount.kind]:
        fitting = " or ".join(f"“{one}”" for one in _MODES_OF[amount.kind])
        raise ReadingRefused(f"“{item.text}” goes with the mode {fitting}.")
    if amount.sign and direction and amount.sign != direction and mode != "set":
        raise ReadingRefused(f"“{item.text}” and the direction say opposite things.")
    direction = direction or amount.sign
    if mode in _STEPS and amount.kind != "factor" and not direction:
        raise ReadingRefused(f"“{item.text}”: say whether it goes up or down.")
    if mode in _STEPS and not amount.value:
        raise ReadingRefused("A change by 0 changes nothing.")
    if not isinstance(entry["of_today"], bool):
        raise ReadingRefused("`of_today` must be true or false.")
    return SaidAmount(
        mode=mode,
        number=-amount.value if mode == "set" and amount.sign < 0 else amount.value,
        unit=unit_of(amount),
        per=amount.per,
        direction=direction,
        of_today=entry["of_today"],
        text=item.text,
    )


def _times(entry: dict[str, Any], words: _Words) -> list[Item]:
    times: list[Item] = []
    for text in _texts(entry, "when"):
        items = words.within(_quoted(text, words.question, "when"), "time")
        if not items:
            unit = words.vocabulary.tick_unit
            raise ReadingRefused(f"“{_cut(text)}” is no time that can be counted in {unit}s.")
        times += [item for item in items if item not in times]
    return times


def _scope(entry: dict[str, Any], words: _Words) -> Scope:
    vocabulary, who = words.vocabulary, _text(entry, "who")
    regions = _chosen(entry, "regions", vocabulary.regions)
    segments = _chosen(entry, "segments", vocabulary.segments)
    if bool(who) != bool(regions or segments):
        raise ReadingRefused(
            "Regions and segments need the words of the question that name them, in `who`."
            if not who
            else f"“{_cut(who)}” in `who` names no region or segment of this project."
        )
    if who:
        _quoted(who, words.question, "who")
    return Scope(regions=regions, segments=segments)


def _chosen(entry: dict[str, Any], name: str, allowed: Any) -> tuple[str, ...]:
    chosen = _texts(entry, name)
    unknown = [text for text in chosen if text not in allowed]
    if unknown:
        raise ReadingRefused(f"{_shown(unknown[0])} is not among the {name} of this project.")
    return tuple(text for text in allowed if text in chosen)


def _compilation(
    changes: Sequence[_Change], left_out: Sequence[tuple[int, int]], words: _Words
) -> Compilation:
    vocabulary = words.vocabulary
    notes = [note for change in changes for note in change.notes]
    scripts = [change.script for change in changes]
    for place, script in enumerate(scripts):
        notes += _from_today(script, vocabulary)
        if any(contradict(other, script, stacked=False) for other in scripts[:place]):
            raise ReadingRefused(f"Two changes of {script.variable} cannot both hold.")
    if nothing_left := find_nothing_left(scripts, vocabulary):
        raise ReadingRefused(nothing_left)
    labelled = [replace(script, label=wording.label(script, vocabulary)) for script in scripts]
    if changes:
        notes += _unused(changes, left_out, words)
    return Compilation(
        event_scripts=tuple(labelled),
        understood=tuple(
            Understood(
                text=words.question[slice(*change.span)],
                span=change.span,
                script=place,
                sentence=labelled[place].label,
            )
            for place, change in enumerate(changes)
        ),
        assumptions=tuple(dict.fromkeys(notes)),
        compiler=READER,
        compiler_version=PROMPT_VERSION,
    )


def _from_today(script: EventScript, vocabulary: Vocabulary) -> tuple[str, ...]:
    variable = vocabulary.variable(script.variable)
    assert variable is not None  # noqa: S101 - the script was made of it
    try:
        return check_from_today(script, variable, vocabulary)
    except Unmappable as refusal:
        raise ReadingRefused(f"Of {script.variable}: {refusal.problem.message}") from None


def _unused(
    changes: Sequence[_Change], left_out: Sequence[tuple[int, int]], words: _Words
) -> list[str]:
    """What the question says and the reading does not: nobody is to take it for read."""
    used = {id(item) for change in changes for item in change.used}
    silent = [
        item.text
        for item in words.items
        if item.kind in ("quantity", "time")
        and id(item) not in used
        and not any(_meet(words.span_of(item), span) for span in left_out)
    ]
    texts = [words.question[slice(*span)] for span in left_out] + silent
    return [f"left out: “{_cut(text)}”" for text in texts]


def _quoted(text: str, question: str, name: str) -> tuple[int, int]:
    """Where the question says these words, however they are spaced and capitalised."""
    wanted = _even(text)
    start, places = _even_with_places(question)
    at = start.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        if not (_cuts(start, at) or _cuts(start, end)):
            return places[at], places[end - 1] + 1
        at = start.find(wanted, at + 1)
    raise ReadingRefused(f"The question does not say “{_cut(text)}” (`{name}`).")


def _cuts(text: str, at: int) -> bool:
    """Whether a place lies within a word or a number."""
    before, after = text[max(at - 2, 0) : at], text[at : at + 2]
    if not before or not after:
        return False
    if before[-1] in ".," or after[0] in ".,":
        return before.strip(".,")[-1:].isdigit() and after.strip(".,")[:1].isdigit()
    return before[-1].isalnum() and after[0].isalnum()


def _even(text: str) -> str:
    return _even_with_places(text.strip())[0]


def _even_with_places(text: str) -> tuple[str, list[int]]:
    """The text in lower case with single blanks, and where each character of it stood."""
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        lower = " " if character.isspace() else character.lower()
        if len(lower) != 1 or (lower == " " and kept and kept[-1] == " "):
            continue
        kept.append(lower)
        places.append(place)
    return "".join(kept), places


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _object(given: object, what: str, names: frozenset[str] | set[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ReadingRefused(f"{what} must be a JSON object.")
    entry = cast("dict[str, Any]", given)
    if entry.keys() != names:
        wrong = sorted(names ^ entry.keys())
        raise ReadingRefused(
            f"{what} must have exactly these fields; wrong: {_cut(', '.join(wrong))}."
        )
    return entry


def _list(given: object, name: str, *, most: int) -> list[object]:
    if not isinstance(given, list) or len(cast("list[object]", given)) > most:
        raise ReadingRefused(f"`{name}` must be a list of at most {most}.")
    return cast("list[object]", given)


def _texts(entry: dict[str, Any], name: str) -> list[str]:
    texts = _list(entry[name], name, most=100)
    if not all(isinstance(text, str) for text in texts):
        raise ReadingRefused(f"`{name}` must hold texts.")
    return cast("list[str]", texts)


def _text(entry: dict[str, Any], name: str) -> str:
    if not isinstance(entry[name], str):
        raise ReadingRefused(f"`{name}` must be a text.")
    return cast("str", entry[name])


def _one_of(entry: dict[str, Any], name: str, allowed: tuple[Any, ...]) -> Any:
    if entry[name] not in allowed:
        raise ReadingRefused(f"`{name}` must be one of {', '.join(allowed)}.")
    return entry[name]


def _shown(given: object) -> str:
    return f"“{_cut(given)}”" if isinstance(given, str) else "That"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTED else f"{text[:LONGEST_QUOTED]}…"
