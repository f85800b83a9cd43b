"""Tokens → typed items: at each place the longest reading wins, and time before all."""

import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal

from agentverse.compiler.behaviour import read_indifference, subject_words
from agentverse.compiler.items import Amount, Item
from agentverse.compiler.lexicon import LEXICON, LONGEST
from agentverse.compiler.lifetimes import read_lifetime
from agentverse.compiler.nearest import within_one_edit
from agentverse.compiler.numerals import FRACTIONS, ORDINALS, read_number
from agentverse.compiler.periods import Clock
from agentverse.compiler.quantities import AMOUNT_WORDS, CURRENCIES, read_quantity, read_rate
from agentverse.compiler.relations import SAME, relation_of
from agentverse.compiler.steps import PLACE_STEPS, StepBudget
from agentverse.compiler.targets import (
    COST_WORDS,
    Match,
    TargetIndex,
    find_target,
    shared_heads,
)
from agentverse.compiler.timing import read_timing
from agentverse.compiler.tokenizing import Token, root, singular, word_list
from agentverse.compiler.vocabulary import Vocabulary

_FREE = (
    ("free", "of", "charge"),
    ("cost", "nothing"),
    ("costs", "nothing"), ("for", "free"), ("free",), ("at", "no", "cost"), ("no", "cost"),
    ("for", "nothing"), ("at", "zero", "cost"), ("gratis",),
)  # fmt: skip
_ONLY_FIRST = {("model",), ("test",), ("try",), ("run",), ("say",), ("let",), ("provided",)}
_SAID_BY_THE_WAY = {("say",), ("let",), ("run",), ("test",), ("try",)}
_IMPORTANT = {"direction", "instrument", "people", "floor", "cap", "outcome", "negation", "except"}
_TIME_WORDS = (
    "month",
    "months",
    "until",
    "after",
    "before",
    "during",
    "between",
    "quarter",
    "starting",
)
_NOT_TYPOS = frozenset(
    word_list(
        """power water house winter rural prince course store trail raisin police place trade
    truck paper river later power flower shower tower grain plain green great group local
    last lasts lasting legal regal rebel label table cable float flood slack stash smash
    clash crash"""
    )
)


@dataclass(slots=True, kw_only=True)
class Chunks:
    items: list[Item]
    corrections: list[str]


def chunk(
    question: str, tokens: list[Token], index: TargetIndex, clock: Clock, budget: StepBudget
) -> Chunks:
    """Cut a question into items; raises QuestionUnreadable when the budget is used up."""
    tokens, corrections = _correct_typos(tokens, index)
    budget.spend(len(tokens) * (PLACE_STEPS + index.longest))
    heads = shared_heads(index, tokens)
    items: list[Item] = []
    place = 0
    while place < len(tokens):
        item = _read_item(question, tokens, heads, place, index, clock)
        items.append(item)
        place = item.last
    return Chunks(items=items, corrections=corrections)


def _read_item(
    question: str,
    tokens: list[Token],
    heads: list[Match | None],
    at: int,
    index: TargetIndex,
    clock: Clock,
) -> Item:
    items = [
        item
        for item in (
            _timed(tokens, at, clock),
            read_lifetime(tokens, at, index, clock),
            read_indifference(tokens, at, index.vocabulary),
            _target(tokens, heads, at, index),
            _free(tokens, at),
            _amount(tokens, at, index),
            _worded(tokens, at),
            _punctuation(tokens, at),
            _subject(tokens, at, index.vocabulary),
        )
        if item
    ]
    best = max(items, key=lambda item: (_is_certain(item), item.last), default=None)
    if best is None:
        best = Item(kind="unknown", first=at, last=at + 1, text="")
    text = question[tokens[best.first].start : tokens[best.last - 1].end]
    return replace(best, text=text)


def _is_certain(item: Item) -> bool:
    return item.kind == "time" or (item.kind == "quantity" and bool(item.names))


def _timed(tokens: list[Token], at: int, clock: Clock) -> Item | None:
    reading = read_timing(tokens, at, clock)
    if reading is None:
        return None
    return Item(kind="time", first=at, last=reading[1], text="", timing=reading[0])


def _target(
    tokens: list[Token], heads: list[Match | None], at: int, index: TargetIndex
) -> Item | None:
    match = find_target(index, tokens, heads, at)
    if match is None:
        if singular(tokens[at].text) in COST_WORDS:
            return Item(kind="cost_word", first=at, last=at + 1, text="")
        return None
    relation, ambiguous = SAME, False
    if match.kind == "parameter":
        relation = relation_of(match.names[0], match.words)
        ambiguous = len(match.names) > 1
    plural = match.after == at + 1 and tokens[at].text.endswith("ions")
    return Item(
        kind=match.kind, first=at, last=match.after, text="", names=match.names,
        strong=match.strong, bare=match.bare, note="plural" if plural else match.note,
        relation=relation, ambiguous=ambiguous,
    )  # fmt: skip


def _subject(tokens: list[Token], at: int, vocabulary: Vocabulary) -> Item | None:
    """What the whole project is about says nothing more: "the virus", "scooters"."""
    word = singular(tokens[at].text)
    following = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if following in ("last", "lasts", "lasted"):
        return None
    if word in vocabulary.subject or word in subject_words(vocabulary):
        return Item(kind="filler", first=at, last=at + 1, text="")
    return None


def _free(tokens: list[Token], at: int) -> Item | None:
    for words in _FREE:
        if tuple(token.text for token in tokens[at : at + len(words)]) == words:
            amount = Amount(kind="money", value=Decimal(0), unit="*")
            return Item(
                kind="quantity", first=at, last=at + len(words), text="", amount=amount, note="free"
            )
    return None


def _amount(tokens: list[Token], at: int, index: TargetIndex) -> Item | None:
    reading = _counted(tokens, at, index) or read_quantity(tokens, at)
    if reading is None:
        return None
    amount, last = reading
    if amount.kind in ("plain", "fraction"):
        amount, last = _with_unit(amount, tokens, last, index)
    return Item(kind="quantity", first=at, last=last, text="", amount=amount)


def _counted(tokens: list[Token], at: int, index: TargetIndex) -> tuple[Amount, int] | None:
    """Tell the "2 quarters of income" of a credit limit from two quarters, a half."""
    number = read_number(tokens, at)
    if number is None or number[2]:
        return None
    amount = Amount(kind="plain", value=number[0])
    counted = _with_unit(amount, tokens, number[1], index)
    return counted if counted[1] > number[1] else None


def _with_unit(
    amount: Amount, tokens: list[Token], at: int, index: TargetIndex
) -> tuple[Amount, int]:
    """Take the unit that a lone number has here: "300 rating points", "2 contacts a week"."""
    start = at + (amount.kind == "fraction" and at < len(tokens) and tokens[at].text in ("a", "an"))
    words = tuple(singular(token.text) for token in tokens[start : start + 4])
    sizes = [size for size in range(len(words), 0, -1) if words[:size] in index.units]
    if not sizes:
        return amount, at
    per, after = read_rate(tokens, start + sizes[0])
    return replace(amount, kind="plain", unit=" ".join(words[: sizes[0]]), per=per), after


def _worded(tokens: list[Token], at: int) -> Item | None:
    words = [singular(token.text) for token in tokens[at : at + LONGEST]]
    for size in range(len(words), 0, -1):
        key = tuple(words[:size])
        entry = LEXICON.get(key)
        if entry is None:
            continue
        if key in _ONLY_FIRST and at > 1:
            if key in _SAID_BY_THE_WAY:
                return Item(kind="filler", first=at, last=at + size, text="")
            continue
        kind, sign, manner, money = entry
        return Item(
            kind=kind, first=at, last=at + size, text="", sign=sign, manner=manner, money=money
        )
    return None


def _punctuation(tokens: list[Token], at: int) -> Item | None:
    token = tokens[at]
    if token.kind != "symbol":
        return None
    if token.text in ".?!":
        return Item(kind="stop", first=at, last=at + 1, text="")
    if token.text in ",;:()[]–":
        return Item(kind="break", first=at, last=at + 1, text="", note=token.text)
    if token.text in "'\"#*_/…":
        return Item(kind="filler", first=at, last=at + 1, text="")
    if token.text == "=":
        return Item(kind="at", first=at, last=at + 1, text="")
    return None


def _correct_typos(tokens: list[Token], index: TargetIndex) -> tuple[list[Token], list[str]]:
    known_words, wanted = _known_words(index)
    accented = _accented(index.words())
    corrected: list[Token] = []
    notes: list[str] = []
    for place, token in enumerate(tokens):
        better = _correction(tokens, place, known_words, wanted, accented, index.places())
        if better:
            notes.append(f'read "{token.text}" as "{better}"')
            token = replace(token, text=better)
        corrected.append(token)
    return corrected, notes


def _known_words(index: TargetIndex) -> tuple[set[str], list[str]]:
    vocabulary = index.correctable() | COST_WORDS | set(index.choice_nouns)
    lexicon = {word for words in LEXICON for word in words}
    important = {
        word
        for words, entry in LEXICON.items()
        if entry[0] in _IMPORTANT and len(words) == 1
        for word in words
    }
    wanted = vocabulary | important | set(_TIME_WORDS) | {"percent", "double", "triple"}
    known_words = (
        lexicon | index.words() | vocabulary | set(CURRENCIES) | set(ORDINALS) | set(FRACTIONS)
    )
    known_words |= set(_TIME_WORDS) | _NOT_TYPOS | AMOUNT_WORDS
    wanted |= {f"{word}s" for word in vocabulary if len(word) == 4}
    return known_words, sorted(word for word in wanted if len(word) >= 5)


def _is_another_name(word: str, name: str) -> bool:
    """Essex is no Essen: a place with one letter replaced is another place, one with a letter
    missing, doubled or swapped is a typo."""
    return len(word) == len(name) and sorted(word) != sorted(name)


def _accented(words: set[str]) -> dict[str, str]:
    """Names with accents by how they are typed without; none where that is two names."""
    plain: dict[str, list[str]] = {}
    for word in sorted(words):
        plain.setdefault(_without_accents(word), []).append(word)
    return {
        typed: names[0] for typed, names in plain.items() if names != [typed] and len(names) == 1
    }


def _without_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _correction(
    tokens: list[Token],
    place: int,
    known_words: set[str],
    wanted: list[str],
    accented: dict[str, str],
    places: set[str],
) -> str | None:
    word = tokens[place].text
    if tokens[place].kind != "word" or len(word) < 5:
        return None
    if word in known_words or singular(word) in known_words or read_number(tokens, place):
        return None
    if singular(word) in accented:
        return accented[singular(word)]
    if root(singular(word)) in known_words:
        return None
    near = [
        candidate
        for candidate in wanted
        if candidate[0] == word[0]
        and (within_one_edit(word, candidate) or within_one_edit(singular(word), candidate))
        and not (candidate in places and _is_another_name(word, candidate))
    ]
    return near[0] if len({singular(candidate) for candidate in near}) == 1 else None
