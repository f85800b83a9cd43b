"""When: phrases of time → inclusive ticks, by a small grammar over tokens."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from agentverse.universe.compiler.compilation import Reason
from agentverse.universe.compiler.items import Timing
from agentverse.universe.compiler.numerals import read_number, read_ordinal
from agentverse.universe.compiler.tokenizing import Token, singular, word_list

_TICKS: dict[str, dict[str, int]] = {
    "day": {"day": 1, "week": 7, "year": 365},
    "week": {"week": 1, "quarter": 13, "year": 52},
    "month": {"month": 1, "quarter": 3, "year": 12},
    "quarter": {"quarter": 1, "year": 4},
    "year": {"year": 1},
}
_UNITS = {"day", "week", "month", "quarter", "year", "fortnight", "decade"}
_MONTHS = set(
    word_list(
        """january february march april june july august september october november december jan
    feb apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday
    saturday sunday winter summer spring autumn christmas easter"""
    )
)
_STARTS = (
    ("starting", "from"), ("beginning", "from"), ("as", "of"), ("as", "from"),
    ("starting", "in"), ("starting", "with"), ("starting", "at"), ("starting", "on"),
    ("beginning", "in"), ("beginning", "with"), ("beginning", "at"), ("effective", "from"),
    ("effective", "in"), ("onward", "from"), ("onwards", "from"), ("with", "effect", "from"),
    ("from",), ("starting",), ("beginning",), ("since",), ("effective",), ("commencing",),
    ("commencing", "in"), ("that", "starts", "in"), ("which", "starts", "in"),
    ("starts", "in"), ("begins", "in"), ("start", "in"), ("begin", "in"), ("at",), ("on",),
    ("starts", "from"), ("that", "begins", "in"), ("starts", "at"), ("not", "before"),
    ("start", "from"), ("start", "at"), ("begin", "at"), ("starting", "as", "of"),
    ("when",), ("once",),
)  # fmt: skip
_UNTILS = (
    ("up", "until"), ("up", "till"), ("up", "to"), ("until",), ("till",), ("through",),
    ("thru",), ("til",), ("ending", "in"), ("ending", "with"), ("ending", "at"), ("ends", "in"),
    ("to",), ("ending", "after"), ("and", "ends", "in"), ("expiring", "in"), ("lasting", "until"),
    ("end", "in"), ("and", "ending", "in"), ("not", "after"), ("ends", "after"),
)  # fmt: skip
_INSIDE = (
    ("only", "in"), ("only", "during"), ("in",), ("during",), ("within",), ("throughout",),
    ("for", "only"), ("only", "for"), ("just", "in"), ("for",), ("over",), ("just", "for"),
    ("over", "the", "course", "of"),
)  # fmt: skip
_AFTERS = (("after",), ("following",), ("later", "than"), ("past",))
_BEFORES = (("before",), ("prior", "to"), ("earlier", "than"))
_ALWAYS = (
    ("immediately",), ("now",), ("permanently",), ("forever",), ("right", "away"), ("at", "once"),
    ("from", "the", "start"), ("from", "the", "beginning"), ("from", "the", "outset"),
    ("from", "day", "one"), ("from", "now"), ("from", "now", "on"), ("from", "today"),
    ("starting", "now"), ("starting", "today"), ("starting", "immediately"), ("as", "of", "now"),
    ("as", "of", "today"), ("straight", "away"), ("for", "good"), ("indefinitely",),
    ("all", "the", "time"), ("the", "whole", "time"), ("from", "the", "very", "start"),
    ("with", "immediate", "effect"), ("from", "the", "very", "beginning"), ("for", "ever"),
    ("from", "today", "on"), ("right", "now"), ("from", "the", "first", "day"),
    ("for", "the", "whole", "period"), ("throughout", "the", "period"), ("always",),
    ("over", "the", "whole", "period"), ("during", "the", "whole", "period"),
    ("throughout", "the", "simulation"), ("from", "start"), ("from", "tick", "0"),
    ("from", "the", "start", "on"), ("until", "the", "end"),
    ("to", "end"), ("until", "end"), ("till", "end"),
    ("to", "the", "end"),
    ("till", "the", "end"), ("effective", "immediately"), ("from", "today", "onwards"),
    ("from", "now", "onwards"),
)  # fmt: skip
_ONWARD = {"on", "onward", "onwards", "forward", "ff"}
_CALENDAR = (
    "The project counts {unit}s from its start and knows no calendar. Say for example "
    '"from {unit} 6" (1 to {horizon}).'
)


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


Reading = tuple[Timing, int]
Reader = Callable[[list[Token], int, Clock], Reading | None]


def read_timing(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    """Return the longest timing that starts at a place, and the place after it."""
    found = [reading for reader in _READERS if (reading := reader(tokens, at, clock))]
    return max(found, key=lambda reading: reading[1]) if found else None


def _word(tokens: list[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _after_words(tokens: list[Token], at: int, options: tuple[tuple[str, ...], ...]) -> list[int]:
    """Return the places after each option that matches, longest option first."""
    hits = [
        at + len(words)
        for words in options
        if all(_word(tokens, at + step) == word for step, word in enumerate(words))
    ]
    return sorted(hits, reverse=True)


def _skip(tokens: list[Token], at: int, words: set[str]) -> int:
    while _word(tokens, at) in words:
        at += 1
    return at


def _unit_ticks(unit: str, clock: Clock) -> int | None:
    return _TICKS[clock.unit].get(unit)


def _unit_problem(unit: str, clock: Clock) -> str:
    return (
        f"One tick of this project is a {clock.unit}: give the time in {clock.unit}s, not {unit}s."
    )


def _read_unit(tokens: list[Token], at: int) -> str | None:
    word = singular(_word(tokens, at))
    return word if word in _UNITS else {"mo": "month", "yr": "year", "wk": "week"}.get(word)


def _read_period(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    edge = _read_edge(tokens, at, clock)
    if edge:
        return edge
    at = _skip(tokens, at, {"the", "of"})
    for reader in (_read_numbered, _read_quarter, _read_counted, _read_ordinal_unit, _read_this):
        found = reader(tokens, at, clock)
        if found:
            return found
    return None


def _read_edge(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "the start of year 2", "the end of month 12"."""
    at = _skip(tokens, at, {"the"})
    word = _word(tokens, at)
    if word not in ("start", "beginning", "end", "middle") or _word(tokens, at + 1) != "of":
        return None
    inner = _read_period(tokens, at + 2, clock)
    if inner is None:
        return None
    period, after = inner
    if word == "end":
        return replace(period, first=period.last), after
    if word == "middle":
        middle = (period.first + period.last + 1) // 2
        return replace(period, first=middle, last=middle, after=middle + 1), after
    return replace(period, last=period.first, after=period.first + 1), after


def _read_numbered(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "month 6", "month number six", "year 2", "tick 3", "month -2"."""
    unit = _read_unit(tokens, at)
    if unit is None and _word(tokens, at) in ("tick", "ticks"):
        unit = clock.unit
    if unit is None:
        return None
    place = _skip(tokens, at + 1, {"number", "no", "nr", "#", "."})
    negative = _word(tokens, place) in ("-", "minus")
    number = read_number(tokens, place + negative)
    if number is None or _word(tokens, number[1]) in ("%", "percent"):
        return None
    return _nth(unit, -number[0] if negative else number[0], clock), number[1]


def _nth(unit: str, number: Decimal, clock: Clock) -> Period:
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


def _read_quarter(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "Q3"."""
    number = read_number(tokens, at + 1) if _word(tokens, at) == "q" else None
    if number is None or not 1 <= number[0] <= 40:
        return None
    return _nth("quarter", number[0], clock), number[1]


def _read_counted(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "first six months", "last 3 months", "first half year"."""
    which = _word(tokens, at)
    if which not in ("first", "initial", "last", "final"):
        return None
    length = _read_length(tokens, at + 1, clock)
    if length is None:
        return None
    ticks, place, problem = length
    if which in ("first", "initial"):
        return Period(first=1, last=ticks, after=ticks + 1, problem=problem), place
    first = clock.horizon - ticks + 1
    return Period(first=first, last=clock.horizon, after=clock.horizon + 1, problem=problem), place


def _read_ordinal_unit(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "third month", "2nd year"."""
    if _word(tokens, at) in ("last", "final"):
        unit = _read_unit(tokens, at + 1)
        ticks = _unit_ticks(unit, clock) if unit else None
        if ticks:
            end = clock.horizon
            return Period(first=end - ticks + 1, last=end, after=end + 1), at + 2
        return None
    ordinal, place = read_ordinal(tokens, at), at + 1
    if ordinal is None and (found := _read_tens_ordinal(tokens, at)):
        ordinal, place = found, at + 2
    unit = _read_unit(tokens, place)
    if ordinal is None or unit is None:
        return None
    return _nth(unit, Decimal(ordinal), clock), place + 1


def _read_tens_ordinal(tokens: list[Token], at: int) -> int | None:
    tens = {"twenty": 20, "thirty": 30, "forty": 40}.get(_word(tokens, at))
    ones = read_ordinal(tokens, at + 1)
    return tens + ones if tens and ones and ones < 10 else None


def _read_this(tokens: list[Token], at: int, clock: Clock) -> tuple[Period, int] | None:
    """Read "next year" as the second one and "this year" as the first."""
    number = {"this": 1, "next": 2}.get(_word(tokens, at))
    unit = _read_unit(tokens, at + 1)
    if number is None or unit is None or unit == clock.unit:
        return None
    return _nth(unit, Decimal(number), clock), at + 2


def _read_length(tokens: list[Token], at: int, clock: Clock) -> tuple[int, int, str] | None:
    """Read "12 months", "half a year", "a year and a half": (ticks, next place, problem)."""
    at = _skip(tokens, at, {"about"})
    amount, place = _read_length_number(tokens, at)
    if amount is None:
        return None
    unit = _read_unit(tokens, place)
    if unit is None:
        return None
    place += 1
    if [_word(tokens, place + step) for step in range(3)] == ["and", "a", "half"]:
        amount, place = amount + Decimal("0.5"), place + 3
    ticks = _unit_ticks(unit, clock)
    if ticks is None:
        return 1, place, _unit_problem(unit, clock)
    total = amount * ticks
    if total != int(total) or total < 1:
        return 1, place, f"{amount} {unit}s are not a whole number of {clock.unit}s, at least 1."
    return int(total), place, ""


def _read_length_number(tokens: list[Token], at: int) -> tuple[Decimal | None, int]:
    words = [_word(tokens, at + step) for step in range(4)]
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
        if [_word(tokens, number[1] + step) for step in range(3)] == ["and", "a", "half"]:
            return number[0] + Decimal("0.5"), number[1] + 3
        return number[0], number[1]
    if words[0] in ("a", "an", "one"):
        return Decimal(1), at + 1
    return None, at


def _invalid(message: str, code: Reason = "time_invalid") -> Timing:
    return Timing(problem=code, message=message)


def _read_always(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    places = _after_words(tokens, at, _ALWAYS)
    return (Timing(forever=True), places[0]) if places else None


def _read_from(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    for place in _after_words(tokens, at, _STARTS):
        span = _read_span(tokens, place, clock)
        if span:
            return span
        found = _read_period(tokens, place, clock)
        if found is None:
            continue
        period, after = found
        after = _skip_onward(tokens, after)
        if period.problem:
            return _invalid(period.problem), after
        note = _calendar_note(tokens, place, period.first)
        until = _read_until(tokens, after, clock)
        if until and not until[0].problem:
            return replace(until[0], start=period.first, assumption=note), until[1]
        return Timing(start=period.first, assumption=note), after
    return None


def _calendar_note(tokens: list[Token], at: int, first: int) -> str:
    words = {_word(tokens, at), _word(tokens, at + 1)}
    return f'read "next year" as from month {first}' if "next" in words else ""


def _skip_onward(tokens: list[Token], at: int) -> int:
    """Skip "on" in "from month 6 on", not in "from month 6 on heat pumps"."""
    word = _word(tokens, at)
    if word == "and" and _word(tokens, at + 1) in ("onward", "onwards", "later", "after"):
        return at + 2
    if word not in _ONWARD:
        return at
    return at + 1


def _read_span(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    """Read "month 6 to 18", "months 6-12", "the 6th to the 12th month"."""
    at = _skip(tokens, at, {"the"})
    unit = _read_unit(tokens, at)
    if unit is None:
        return _read_trailing_span(tokens, at, clock)
    first = read_number(tokens, at + 1)
    if first is None:
        return None
    place = first[1]
    if _word(tokens, place) not in ("to", "–", "till", "until", "through", "and", "thru", "up"):
        return None
    place += 2 if _word(tokens, place) == "up" else 1
    place = _skip(tokens, place, {"the", "in", "including"})
    if _read_unit(tokens, place):
        unit_after, place = _read_unit(tokens, place), place + 1
        unit_last = unit_after or unit
    else:
        unit_last = unit
    last = read_number(tokens, place)
    if last is None or _word(tokens, last[1]) in ("%", "percent", "per", "dollars", "dollar"):
        return None
    return _span(_nth(unit, first[0], clock), _nth(unit_last, last[0], clock)), last[1]


def _read_trailing_span(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    """Read "6th to 12th month", "6 to 12 months", "the sixth and the twelfth month"."""
    first, place = _ordinal_or_number(tokens, at)
    if first is None or _word(tokens, place) not in ("to", "–", "through", "and", "until", "till"):
        return None
    place = _skip(tokens, place + 1, {"the"})
    last, place = _ordinal_or_number(tokens, place)
    unit = _read_unit(tokens, place) if last is not None else None
    if last is None or unit is None:
        return None
    return _span(_nth(unit, first, clock), _nth(unit, last, clock)), place + 1


def _ordinal_or_number(tokens: list[Token], at: int) -> tuple[Decimal | None, int]:
    ordinal = read_ordinal(tokens, at)
    if ordinal is not None:
        return Decimal(ordinal), at + 1
    number = read_number(tokens, at)
    return (number[0], number[1]) if number else (None, at)


def _span(first: Period, last: Period) -> Timing:
    problem = first.problem or last.problem
    if problem:
        return _invalid(problem)
    if last.last < first.first:
        return _invalid(f"The end (tick {last.last}) lies before the start (tick {first.first}).")
    return Timing(start=first.first, end=last.last)


def _read_between(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    if _word(tokens, at) != "between":
        return None
    span = _read_span(tokens, at + 1, clock)
    if span:
        return span
    first = _read_period(tokens, at + 1, clock)
    if first is None or _word(tokens, first[1]) != "and":
        return None
    last = _read_period(tokens, first[1] + 1, clock)
    return (_span(first[0], last[0]), last[1]) if last else None


def _read_until(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    if _word(tokens, at) in (",", "and"):
        at += 1
    for place in _after_words(tokens, at, _UNTILS):
        place = _skip(tokens, place, {"and", "including", "inclusive"})
        found = _read_period(tokens, place, clock)
        if found:
            period, after = found
            if period.problem:
                return _invalid(period.problem), after
            return Timing(end=period.last), after
    return None


def _read_until_only(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    if _word(tokens, at) in (",", "and"):
        return None
    return _read_until(tokens, at, clock)


def _read_after(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    for place in _after_words(tokens, at, _AFTERS):
        found = _read_period(tokens, place, clock)
        if found:
            period, after = found
            timing = Timing(start=period.after)
            return (_invalid(period.problem) if period.problem else timing), after
        length = _read_length(tokens, place, clock)
        if length:
            ticks, after, problem = length
            return (_invalid(problem) if problem else Timing(start=ticks + 1)), after
    return None


def _read_before(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    for place in _after_words(tokens, at, _BEFORES):
        found = _read_period(tokens, place, clock)
        if found:
            period, after = found
            if period.problem or period.first <= 1:
                return _invalid(period.problem or "Nothing lies before the first tick."), after
            return Timing(end=period.first - 1), after
    return None


def _read_inside(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    for place in _after_words(tokens, at, _INSIDE):
        word = _word(tokens, place - 1)
        span = _read_span(tokens, place, clock)
        if span:
            return span
        found = _read_period(tokens, place, clock)
        if found:
            period, after = found
            timing = Timing(start=period.first, end=period.last)
            return (_invalid(period.problem) if period.problem else timing), after
        if word in ("for", "in", "within", "during", "over") and (
            length := _read_duration(tokens, place, clock, word)
        ):
            return length
    return None


def _read_duration(tokens: list[Token], at: int, clock: Clock, word: str) -> Reading | None:
    place = _skip(
        tokens,
        at,
        {"only", "just", "a", "the"} if _is_period_of(tokens, at) else {"only", "just", "the"},
    )
    place = _skip(tokens, place, {"period", "duration", "of", "next", "total"})
    length = _read_length(tokens, place, clock)
    if length is None:
        return None
    ticks, after, problem = length
    if problem:
        return _invalid(problem), after
    if _word(tokens, after) in ("less", "more") and word == "for":
        return None
    if word == "for" or (word == "during" or word == "within"):
        return Timing(duration=ticks), after
    if word == "in":
        note = f'read "in {ticks} {clock.unit}s" as from {clock.unit} {ticks}'
        after = _skip(tokens, after, {"time", "from", "now"})
        return Timing(start=ticks, assumption=note), after
    return (
        _invalid(
            f'"over" may mean a slow change or a period: say "for {ticks} {clock.unit}s".',
            "unclear",
        ),
        after,
    )


def _is_period_of(tokens: list[Token], at: int) -> bool:
    return _word(tokens, at) == "a" and _word(tokens, at + 1) in ("period", "duration", "total")


def _read_lasting(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    """Read "lasting 12 months", "that lasts for a year", "12-month" before a noun."""
    if singular(_word(tokens, at)) in ("last", "lasting", "lasted"):
        place = _skip(tokens, at + 1, {"for", "only"})
        length = _read_length(tokens, place, clock)
        if length:
            problem = _invalid(length[2]) if length[2] else Timing(duration=length[0])
            return problem, length[1]
    first = tokens[at]
    if first.kind == "number" or read_number(tokens, at):
        length = _read_length(tokens, at, clock)
        if length and tokens[length[1] - 1].text in _UNITS:
            return _prenominal(tokens, at, length)
        if length and _word(tokens, length[1]) == "from" and _word(tokens, length[1] + 1) == "now":
            return Timing(start=length[0]), length[1] + 2
        if length and _word(tokens, length[1]) == "long":
            return Timing(duration=length[0]), length[1] + 1
    return None


def _prenominal(tokens: list[Token], at: int, length: tuple[int, int, str]) -> Reading | None:
    """A singular unit after a number is an adjective: "a 12 month subsidy"."""
    if length[1] >= len(tokens) or tokens[length[1]].kind != "word":
        return None
    return (_invalid(length[2]) if length[2] else Timing(duration=length[0])), length[1]


def _read_bare(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    """Read "next year", "the following year" and "months 6 to 12" without a preposition."""
    if _word(tokens, at) in ("next", "this"):
        found = _read_this(tokens, at, clock)
        if found and not found[0].problem:
            period, after = found
            words = f"{tokens[at].text} {tokens[at + 1].text}"
            note = f'read "{words}" as from {clock.unit} {period.first}'
            if _word(tokens, at) == "this":
                return Timing(start=period.first, end=period.last, assumption=note), after
            return Timing(start=period.first, assumption=note), after
        return None
    span = _read_span(tokens, at, clock)
    if span and singular(_word(tokens, at)) in _UNITS:
        return span
    found = _read_numbered(tokens, at, clock) or _read_quarter(tokens, at, clock)
    if found is None:
        return None
    if _word(tokens, found[1]) in ("onward", "onwards", "on", "forward"):
        return Timing(start=found[0].first), found[1] + 1
    message = found[0].problem or 'Say "from", "in", "after" or "until" before the time.'
    return _invalid(message), found[1]


def _read_calendar(tokens: list[Token], at: int, clock: Clock) -> Reading | None:
    """Recognise dates, so that they are refused and not read as amounts."""
    place = _skip(
        tokens, at, {"in", "from", "until", "by", "since", "starting", "before", "after", "the"}
    )
    place = _skip(tokens, place, {"of", "early", "late", "mid", "end", "start", "beginning"})
    word = _word(tokens, place)
    token = tokens[place] if place < len(tokens) else None
    if token is None:
        return None
    year = token.kind == "number" and token.number is not None and 1900 <= token.number <= 2150
    year = year and place > at and _word(tokens, place + 1) not in ("dollars", "%", "usd", "to")
    may = word == "may" and place > at
    if word in _MONTHS or year or may:
        after = _skip(tokens, place, _MONTHS | {word, "1", "of", "st"})
        if after < len(tokens) and tokens[after].kind == "number" and not year:
            number = tokens[after].number
            after += number is not None and (number <= 31 or 1900 <= number <= 2150)
        message = _CALENDAR.format(unit=clock.unit, horizon=clock.horizon)
        return _invalid(message, "calendar_date"), max(after, place + 1)
    return None


_READERS: tuple[Reader, ...] = (
    _read_always,
    _read_from,
    _read_between,
    _read_until_only,
    _read_after,
    _read_before,
    _read_inside,
    _read_lasting,
    _read_bare,
    _read_calendar,
)
