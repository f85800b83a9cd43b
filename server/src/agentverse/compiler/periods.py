"""Words of time → periods and lengths in ticks: "month 6", "year 2", "half a year"."""

from dataclasses import dataclass, replace
from decimal import Decimal

from agentverse.compiler.numerals import read_number, read_ordinal
from agentverse.compiler.tokenizing import Token, singular

_TICKS: dict[str, dict[str, int]] = {
    "day": {"day": 1, "week": 7, "month": 30, "year": 365},
    "week": {"week": 1, "quarter": 13, "year": 52},
    "month": {"month": 1, "quarter": 3, "year": 12},
    "quarter": {"quarter": 1, "year": 4},
    "year": {"year": 1},
}
_LETTERS = {"m": "month", "y": "year", "w": "week", "d": "day"}
_SHORT_UNITS = {"mo": "month", "mth": "month", "yr": "year", "wk": "week"}
UNITS = {"day", "week", "month", "quarter", "year", "fortnight", "decade"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What one tick is, and how many there are."""

    unit: str
    horizon: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """First and last tick of "month 6", "year 2", "the first six months"."""

    first: int
    last: int
    after: int
    problem: str = ""


def word_at(tokens: list[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def skip(tokens: list[Token], at: int, words: set[str]) -> int:
    while word_at(tokens, at) in words:
        at += 1
    return at


def _unit_ticks(unit: str, clock: Clock) -> int | None:
    return _TICKS[clock.unit].get(unit)


def _unit_problem(unit: str, clock: Clock) -> str:
    return (
        f"One tick of this project is a {clock.unit}: give the time in {clock.unit}s, not {unit}s."
    )


def read_unit(tokens: list[Token], at: int, clock: Clock) -> str | None:
    word = singular(word_at(tokens, at))
    if word in UNITS:
        return word
    if word == "tick" or (word == "t" and _numbers(tokens, at)):
        return clock.unit
    if word in _LETTERS and _numbers(tokens, at):
        return _LETTERS[word]
    return _SHORT_UNITS.get(word)


def _numbers(tokens: list[Token], at: int) -> bool:
    """Tell "M6" and "t=6" from a letter that stands alone."""
    if at + 1 >= len(tokens):
        return False
    glued = tokens[at].end == tokens[at + 1].start
    return (glued and tokens[at + 1].kind == "number") or tokens[at + 1].text == "="


def read_period(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    edge = _read_edge(tokens, at, clock)
    if edge:
        return edge
    at = skip(tokens, at, {"the", "of"})
    for reader in (
        read_numbered,
        read_quarter,
        _read_counted,
        _read_ordinal_unit,
        read_this,
        read_halfway,
    ):
        reading = reader(tokens, at, clock)
        if reading:
            return reading
    return None


def _read_edge(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "the start of year 2", "the end of month 12"."""
    at = skip(tokens, at, {"the"})
    word = word_at(tokens, at)
    if word not in ("start", "beginning", "end", "middle") or word_at(tokens, at + 1) != "of":
        return None
    inner = read_period(tokens, at + 2, clock)
    if inner is None:
        return None
    period, after = inner
    if word == "end":
        return replace(period, first=period.last), after
    if word == "middle":
        middle = (period.first + period.last + 1) // 2
        return replace(period, first=middle, last=middle, after=middle + 1), after
    return replace(period, last=period.first, after=period.first + 1), after


def read_numbered(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "month 6", "month number six", "year 2", "tick 3", "month -2"."""
    unit = read_unit(tokens, at, clock)
    if unit is None:
        return None
    place = skip(tokens, at + 1, {"number", "no", "nr", "#", ".", "="})
    negative = word_at(tokens, place) in ("-", "minus")
    number = read_number(tokens, place + negative)
    if number is None or word_at(tokens, number[1]) in ("%", "percent"):
        return None
    return nth(unit, -number[0] if negative else number[0], clock), number[1]


def nth(unit: str, number: Decimal, clock: Clock) -> Period:
    ticks = _unit_ticks(unit, clock)
    if ticks is None:
        return Period(first=0, last=0, after=0, problem=_unit_problem(unit, clock))
    if number != int(number) or number < 1:
        return Period(
            first=0, last=0, after=0,
            problem=f"There is no {unit} {number}: {unit}s count from 1.",
        )  # fmt: skip
    last = int(number) * ticks
    return Period(first=last - ticks + 1, last=last, after=last + 1)


def read_quarter(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "Q3"."""
    number = read_number(tokens, at + 1) if word_at(tokens, at) == "q" else None
    if number is None or not 1 <= number[0] <= 40:
        return None
    return nth("quarter", number[0], clock), number[1]


def _read_counted(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "first six months", "last 3 months", "first half year"."""
    which = word_at(tokens, at)
    if which not in ("first", "initial", "last", "final"):
        return None
    length = read_length(tokens, at + 1, clock)
    if length is None:
        return None
    ticks, place, problem = length
    if which in ("first", "initial"):
        return Period(first=1, last=ticks, after=ticks + 1, problem=problem), place
    first = clock.horizon - ticks + 1
    return Period(first=first, last=clock.horizon, after=clock.horizon + 1, problem=problem), place


def _read_ordinal_unit(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "third month", "2nd year"."""
    if word_at(tokens, at) in ("last", "final"):
        unit = read_unit(tokens, at + 1, clock)
        ticks = _unit_ticks(unit, clock) if unit else None
        if ticks:
            end = clock.horizon
            return Period(first=end - ticks + 1, last=end, after=end + 1), at + 2
        return None
    ordinal, place = read_ordinal(tokens, at), at + 1
    if ordinal is None and (tens_ordinal := _read_tens_ordinal(tokens, at)):
        ordinal, place = tens_ordinal, at + 2
    unit = read_unit(tokens, place, clock)
    if ordinal is None or unit is None:
        return None
    return nth(unit, Decimal(ordinal), clock), place + 1


def _read_tens_ordinal(tokens: list[Token], at: int) -> int | None:
    tens = {"twenty": 20, "thirty": 30, "forty": 40}.get(word_at(tokens, at))
    ones = read_ordinal(tokens, at + 1)
    return tens + ones if tens and ones and ones < 10 else None


def read_this(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "next year" as the second one and "this year" as the first."""
    number = {"this": 1, "next": 2}.get(word_at(tokens, at))
    unit = read_unit(tokens, at + 1, clock)
    if number is None or unit is None or unit == clock.unit:
        return None
    return nth(unit, Decimal(number), clock), at + 2


def read_halfway(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "halfway", "halfway through the simulation" as the middle of the horizon."""
    if word_at(tokens, at) not in ("halfway", "midway"):
        return None
    after = at + 1
    if word_at(tokens, after) in ("through", "point", "mark", "into"):
        after += 1
    inside = word_at(tokens, after + (word_at(tokens, after) == "the"))
    if inside in UNITS:
        problem = f"Say which {clock.unit} that is."
        return Period(first=0, last=0, after=0, problem=problem), after + 2
    if inside in ("simulation", "run", "period", "horizon", "time"):
        after += 1 + (word_at(tokens, after) == "the")
    middle = max(clock.horizon // 2, 1)
    return Period(first=middle, last=middle, after=middle + 1), after


def read_length(tokens: list[Token], at: int, clock: Clock) -> tuple[int, int, str] | None:
    """Read "12 months", "half a year", "a year and a half": (ticks, next place, problem)."""
    at = skip(tokens, at, {"about"})
    amount, place = _read_length_number(tokens, at)
    if amount is None:
        return None
    unit = read_unit(tokens, place, clock)
    if unit is None:
        return None
    place += 1
    if [word_at(tokens, place + step) for step in range(3)] == ["and", "a", "half"]:
        amount, place = amount + Decimal("0.5"), place + 3
    ticks = _unit_ticks(unit, clock)
    if ticks is None:
        return 1, place, _unit_problem(unit, clock)
    total = amount * ticks
    if total != int(total) or total < 1:
        return 1, place, f"{amount} {unit}s are not a whole number of {clock.unit}s, at least 1."
    return int(total), place, ""


def _read_length_number(tokens: list[Token], at: int) -> tuple[Decimal | None, int]:
    words = [word_at(tokens, at + step) for step in range(4)]
    if words[0] == "half":
        return Decimal("0.5"), at + (2 if words[1] in ("a", "an") else 1)
    if words[:2] == ["a", "half"]:
        return Decimal("0.5"), at + 2
    if words[:4] == ["one", "and", "a", "half"]:
        return Decimal("1.5"), at + 4
    if words[0] in ("-", "minus") and (number := read_number(tokens, at + 1)):
        return -number[0], number[1]
    number = read_number(tokens, at)
    if number:
        if [word_at(tokens, number[1] + step) for step in range(3)] == ["and", "a", "half"]:
            return number[0] + Decimal("0.5"), number[1] + 3
        return number[0], number[1]
    if words[0] in ("a", "an", "one"):
        return Decimal(1), at + 1
    return None, at
