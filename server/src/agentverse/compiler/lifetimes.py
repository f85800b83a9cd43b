"""How long systems last → the share of them that ends each tick."""

from decimal import Decimal

from agentverse.compiler.items import Amount, Item
from agentverse.compiler.periods import Clock, read_length, skip, word_at
from agentverse.compiler.targets import TargetIndex
from agentverse.compiler.tokenizing import Token, singular

PARAMETER = "replacement_rate"
_LASTS = {"last", "lasts", "lasted", "live", "lives", "lived", "survive", "endure"}
_SOFT = {"now", "only", "would", "will", "should", "all", "typically", "about", "for", "just"}
_LIVES = {"lifetime", "lifespan", "life", "durability"}
_REPLACES = {"replace", "replaces", "replaced", "replacing", "renew", "renewed", "exchange"}
_OBJECTS = {"their", "its", "a", "the", "his", "it", "them", "are", "is", "were"}


def read_lifetime(tokens: list[Token], at: int, index: TargetIndex, clock: Clock) -> Item | None:
    """Read "systems last 12 years", "a lifetime of 12 years", "replaced every 12 years"."""
    variable = index.vocabulary.variable(PARAMETER)
    if variable is None or variable.unit != f"per {clock.unit}":
        return None
    place = _subject(tokens, at, index)
    length = read_length(tokens, place, clock) if place is not None else None
    if length is None or length[2]:
        return None
    ticks, after, _ = length
    amount = Amount(kind="plain", value=Decimal(1) / ticks)
    after = _skip_comparison(tokens, after, clock)
    note = f"read a life of {ticks} {clock.unit}s as 1/{ticks} {variable.unit}"
    return Item(
        kind="quantity", first=at, last=after, text="", amount=amount, names=(PARAMETER,), note=note
    )


def _subject(tokens: list[Token], at: int, index: TargetIndex) -> int | None:
    """Return where the length begins, after a verb or noun of lifetime."""
    nouns = index.choice_nouns
    word = word_at(tokens, at)
    while singular(word) in nouns and singular(word_at(tokens, at + 1)) in nouns:
        at += 1
        word = word_at(tokens, at)
    if singular(word) in nouns and word.endswith("s"):
        place = skip(tokens, at + 1, _SOFT)
        return skip(tokens, place + 1, _SOFT) if word_at(tokens, place) in _LASTS else None
    if word in _REPLACES:
        place = at + 1
        while word_at(tokens, place) in _OBJECTS or singular(word_at(tokens, place)) in nouns:
            place += 1
        return place + 1 if word_at(tokens, place) == "every" else None
    return _after_life(tokens, at, index)


def _after_life(tokens: list[Token], at: int, index: TargetIndex) -> int | None:
    word = word_at(tokens, at)
    if word == "service" and word_at(tokens, at + 1) == "life":
        at += 1
    elif word not in _LIVES:
        return None
    place = at + 1
    if word_at(tokens, place) == "of":
        inner = skip(tokens, place + 1, {"all", "the", "a", "every"})
        while singular(word_at(tokens, inner)) in index.choice_nouns:
            inner += 1
        place = inner
    return skip(tokens, place, {"is", "was", "were", "of", "=", "becomes", "to", "only", "be"})


def _skip_comparison(tokens: list[Token], at: int, clock: Clock) -> int:
    """Skip "on average" and "instead of every 18 years", which say nothing new."""
    if [word_at(tokens, at), word_at(tokens, at + 1)] == ["on", "average"]:
        at += 2
    if [word_at(tokens, at), word_at(tokens, at + 1)] not in (
        ["instead", "of"], ["rather", "than"], ["and", "not"],
    ):  # fmt: skip
        return at
    place = skip(tokens, at + 2, {"every", "after", "the", "usual"})
    length = read_length(tokens, place, clock)
    if length:
        return length[1]
    return place + 1 if place < len(tokens) and tokens[place].kind == "number" else at
