"""When: phrases of time → inclusive ticks, by a small grammar over tokens."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from agentverse.compiler.compilation import Reason
from agentverse.compiler.items import Timing
from agentverse.compiler.numerals import read_number, read_ordinal
from agentverse.compiler.periods import (
    UNITS,
    Clock,
    Period,
    nth,
    read_halfway,
    read_length,
    read_numbered,
    read_period,
    read_quarter,
    read_this,
    read_unit,
    skip,
    word_at,
)
from agentverse.compiler.tokenizing import Token, singular, word_list

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
    ("starts", "in"), ("begins", "in"), ("start", "in"), ("begin", "in"), ("at",),
    ("start", "on"), ("starts", "on"),
    ("starts", "from"), ("that", "begins", "in"), ("starts", "at"), ("not", "before"),
    ("start", "from"), ("start", "at"), ("begin", "at"), ("starting", "as", "of"),
    ("when",), ("once",),
)  # fmt: skip
_UNTILS = (
    ("up", "until"), ("up", "till"), ("up", "to"), ("until",), ("till",), ("through",),
    ("thru",), ("til",), ("ending", "in"), ("ending", "with"), ("ending", "at"), ("ends", "in"),
    ("to",), ("ending", "after"), ("and", "ends", "in"), ("expiring", "in"), ("lasting", "until"),
    ("terminating", "in"), ("terminating", "with"), ("terminating", "after"),
    ("expires", "in"), ("expires", "after"), ("expiring", "after"), ("and", "terminating", "in"),
    ("phased", "out", "after"), ("ending", "on"), ("to", "the", "end", "of"),
    ("end", "in"), ("and", "ending", "in"), ("not", "after"), ("ends", "after"),
)  # fmt: skip
_INSIDE = (
    ("only", "in"), ("only", "during"), ("in",), ("on",), ("only", "on"), ("just", "on"),
    ("during",), ("within",), ("throughout",),
    ("for", "only"), ("only", "for"), ("just", "in"), ("for",), ("over",), ("just", "for"),
    ("over", "the", "course", "of"),
)  # fmt: skip
_AFTERS = (("after",), ("following",), ("later", "than"), ("past",))
_BEFORES = (("before",), ("prior", "to"), ("earlier", "than"))
_BYS = (("by",), ("no", "later", "than"), ("not", "later", "than"))
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

TimingMatch = tuple[Timing, int]
TimingReader = Callable[[list[Token], int, Clock], TimingMatch | None]


def read_timing(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    """Return the longest timing that starts at a place, and the place after it."""
    readings = [reading for reader in _READERS if (reading := reader(tokens, at, clock))]
    return max(readings, key=lambda reading: reading[1]) if readings else None


def _after_words(tokens: list[Token], at: int, options: tuple[tuple[str, ...], ...]) -> list[int]:
    """Return the places after each option that matches, longest option first."""
    hits = [
        at + len(words)
        for words in options
        if all(word_at(tokens, at + step) == word for step, word in enumerate(words))
    ]
    return sorted(hits, reverse=True)


def _invalid(message: str, code: Reason = "time_invalid") -> Timing:
    return Timing(problem=code, message=message)


def _read_always(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    places = _after_words(tokens, at, _ALWAYS)
    return (Timing(forever=True), places[0]) if places else None


def _read_from(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    for place in _after_words(tokens, at, _STARTS):
        span = _read_span(tokens, place, clock)
        if span:
            return span
        reading = read_period(tokens, place, clock)
        if reading is None:
            later = _read_from_now(tokens, place, clock)
            if later:
                return later
            continue
        period, after = reading
        after = _skip_onward(tokens, after)
        if period.problem:
            return _invalid(period.problem), after
        note = _calendar_note(tokens, place, period.first)
        until = _read_until(tokens, after, clock)
        if until and not until[0].problem:
            return replace(until[0], start=period.first, assumption=note), until[1]
        return Timing(start=period.first, assumption=note), after
    return None


def _read_from_now(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    """Read "starting one year from now"."""
    length = read_length(tokens, at, clock)
    if length is None or [word_at(tokens, length[1] + step) for step in (0, 1)] != ["from", "now"]:
        return None
    ticks, after, problem = length
    return (_invalid(problem) if problem else Timing(start=ticks)), after + 2


def _calendar_note(tokens: list[Token], at: int, first: int) -> str:
    words = {word_at(tokens, at), word_at(tokens, at + 1)}
    return f'read "next year" as from month {first}' if "next" in words else ""


def _skip_onward(tokens: list[Token], at: int) -> int:
    """Skip "on" in "from month 6 on", not in "from month 6 on heat pumps"."""
    word = word_at(tokens, at)
    if word == "and" and word_at(tokens, at + 1) in ("onward", "onwards", "later", "after"):
        return at + 2
    if word == "+" and _is_glued_plus(tokens, at):
        return at + 1
    if word not in _ONWARD:
        return at
    return at + 1


def _is_glued_plus(tokens: list[Token], at: int) -> bool:
    """Tell "m6+" from "month 6 +10 %"."""
    glued = at > 0 and tokens[at - 1].end == tokens[at].start
    return glued and not (at + 1 < len(tokens) and tokens[at].end == tokens[at + 1].start)


def _read_span(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    """Read "month 6 to 18", "months 6-12", "the 6th to the 12th month"."""
    opening = word_at(tokens, at - 1)
    at = skip(tokens, at, {"the"})
    unit = read_unit(tokens, at, clock)
    if unit is None:
        return _read_trailing_span(tokens, at, clock)
    first = read_number(tokens, at + 1)
    if first is None:
        return None
    place = first[1]
    joint = word_at(tokens, place)
    if joint not in ("to", "–", "till", "until", "through", "and", "thru", "up"):
        return None
    place += 2 if word_at(tokens, place) == "up" else 1
    place = skip(tokens, place, {"the", "in", "including"})
    if read_unit(tokens, place, clock):
        unit_after, place = read_unit(tokens, place, clock), place + 1
        unit_last = unit_after or unit
    else:
        unit_last = unit
    last = read_number(tokens, place)
    if last is None or word_at(tokens, last[1]) in ("%", "percent", "per", "dollars", "dollar"):
        return None
    if joint == "and" and opening != "between" and last[0] != first[0] + 1:
        message = f'Say "from {unit} {first[0]} to {last[0]}", or each of them on its own.'
        return _invalid(message, "unclear"), last[1]
    return _span(nth(unit, first[0], clock), nth(unit_last, last[0], clock)), last[1]


def _read_trailing_span(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    """Read "6th to 12th month", "6 to 12 months", "the sixth and the twelfth month"."""
    first, place = _ordinal_or_number(tokens, at)
    if first is None or word_at(tokens, place) not in (
        "to",
        "–",
        "through",
        "and",
        "until",
        "till",
    ):
        return None
    place = skip(tokens, place + 1, {"the"})
    last, place = _ordinal_or_number(tokens, place)
    unit = read_unit(tokens, place, clock) if last is not None else None
    if last is None or unit is None:
        return None
    return _span(nth(unit, first, clock), nth(unit, last, clock)), place + 1


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


def _read_between(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    if word_at(tokens, at) != "between":
        return None
    span = _read_span(tokens, at + 1, clock)
    if span:
        return span
    first = read_period(tokens, at + 1, clock)
    if first is None or word_at(tokens, first[1]) != "and":
        return None
    last = read_period(tokens, first[1] + 1, clock)
    return (_span(first[0], last[0]), last[1]) if last else None


def _read_until(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    if word_at(tokens, at) in (",", "and"):
        at += 1
    for place in _after_words(tokens, at, _UNTILS):
        place = skip(tokens, place, {"and", "including", "inclusive"})
        reading = read_period(tokens, place, clock)
        if reading:
            period, after = reading
            if period.problem:
                return _invalid(period.problem), after
            return Timing(end=period.last), after
    return None


def _read_until_only(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    if word_at(tokens, at) in (",", "and"):
        return None
    return _read_until(tokens, at, clock)


def _read_after(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    for place in _after_words(tokens, at, _AFTERS):
        reading = read_period(tokens, place, clock)
        if reading:
            period, after = reading
            timing = Timing(start=period.after)
            return (_invalid(period.problem) if period.problem else timing), after
        length = read_length(tokens, place, clock)
        if length:
            ticks, after, problem = length
            return (_invalid(problem) if problem else Timing(start=ticks + 1)), after
    return None


def _read_before(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    for place in _after_words(tokens, at, _BEFORES):
        reading = read_period(tokens, place, clock)
        if reading:
            period, after = reading
            if period.problem or period.first <= 1:
                return _invalid(period.problem or "Nothing lies before the first tick."), after
            return Timing(end=period.first - 1), after
    return None


def _read_by(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    """Read "by month 12" as in force from then on."""
    for place in _after_words(tokens, at, _BYS):
        reading = read_period(tokens, place, clock)
        if reading:
            period, after = reading
            if period.problem:
                return _invalid(period.problem), after
            note = f'read "by {clock.unit} {period.first}" as from {clock.unit} {period.first}'
            return Timing(start=period.first, assumption=note), after
    return None


def _read_inside(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    for place in _after_words(tokens, at, _INSIDE):
        word = word_at(tokens, place - 1)
        span = _read_span(tokens, place, clock)
        if span:
            return span
        reading = read_period(tokens, place, clock)
        if reading:
            period, after = reading
            if period.problem:
                return _invalid(period.problem), after
            return _inside(tokens, place, period, after, clock)
        if word in ("for", "in", "within", "during", "over") and (
            length := _read_duration(tokens, place, clock, word)
        ):
            return length
    return None


def _inside(
    tokens: list[Token], place: int, period: Period, after: int, clock: Clock
) -> TimingMatch:
    """ "In month 6" is that month; "in month 6 and onwards" is from then on."""
    lasting = _skip_onward(tokens, after)
    if lasting > after and word_at(tokens, lasting - 1) != "on":
        return Timing(start=period.first), lasting
    timing = Timing(start=period.first, end=period.last)
    only = {"only", "just", "alone"} & {word_at(tokens, place - 2), word_at(tokens, after)}
    opening = word_at(tokens, place - 1)
    if opening not in ("in", "on") or only or period.first != period.last:
        return timing, after
    note = f'read "{opening} {clock.unit} {period.first}" as that {clock.unit} only'
    return replace(timing, momentary=True, assumption=note), after


def _read_duration(tokens: list[Token], at: int, clock: Clock, word: str) -> TimingMatch | None:
    place = skip(
        tokens,
        at,
        {"only", "just", "a", "the"} if _is_period_of(tokens, at) else {"only", "just", "the"},
    )
    place = skip(tokens, place, {"period", "duration", "term", "span", "of", "next", "total"})
    length = read_length(tokens, place, clock)
    if length is None:
        return None
    ticks, after, problem = length
    if problem:
        return _invalid(problem), after
    if word_at(tokens, after) in ("less", "more") and word == "for":
        return None
    if word == "for" or (word == "during" or word == "within"):
        return Timing(duration=ticks), after
    if word == "in":
        note = f'read "in {ticks} {clock.unit}s" as from {clock.unit} {ticks}'
        after = skip(tokens, after, {"time", "from", "now"})
        return Timing(start=ticks, assumption=note), after
    return (
        _invalid(
            f'"over" may mean a slow change or a period: say "for {ticks} {clock.unit}s".',
            "unclear",
        ),
        after,
    )


def _is_period_of(tokens: list[Token], at: int) -> bool:
    return word_at(tokens, at) == "a" and word_at(tokens, at + 1) in (
        "period",
        "duration",
        "total",
        "term",
        "span",
    )


def _read_lasting(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    """Read "lasting 12 months", "that lasts for a year", "12-month" before a noun."""
    if singular(word_at(tokens, at)) in ("last", "lasting", "lasted"):
        place = skip(tokens, at + 1, {"for", "only"})
        length = read_length(tokens, place, clock)
        if length:
            problem = _invalid(length[2]) if length[2] else Timing(duration=length[0])
            return problem, length[1]
    first = tokens[at]
    if first.kind == "number" or read_number(tokens, at):
        length = read_length(tokens, at, clock)
        if length and tokens[length[1] - 1].text in UNITS:
            return _prenominal(tokens, at, length)
        if (
            length
            and word_at(tokens, length[1]) == "from"
            and word_at(tokens, length[1] + 1) == "now"
        ):
            return Timing(start=length[0]), length[1] + 2
        if length and word_at(tokens, length[1]) == "long":
            return Timing(duration=length[0]), length[1] + 1
    return None


def _prenominal(tokens: list[Token], at: int, length: tuple[int, int, str]) -> TimingMatch | None:
    """A singular unit after a number is an adjective: "a 12 month subsidy"."""
    if length[1] >= len(tokens) or tokens[length[1]].kind != "word":
        return None
    return (_invalid(length[2]) if length[2] else Timing(duration=length[0])), length[1]


def _read_bare(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    """Read "next year", "the following year" and "months 6 to 12" without a preposition."""
    if word_at(tokens, at) in ("next", "this"):
        reading = read_this(tokens, at, clock)
        if reading and not reading[0].problem:
            period, after = reading
            words = f"{tokens[at].text} {tokens[at + 1].text}"
            note = f'read "{words}" as from {clock.unit} {period.first}'
            if word_at(tokens, at) == "this":
                return Timing(start=period.first, end=period.last, assumption=note), after
            return Timing(start=period.first, assumption=note), after
        return None
    halfway = read_halfway(tokens, at, clock)
    if halfway:
        period, after = halfway
        note = f'read "halfway" as from {clock.unit} {period.first}'
        timing = Timing(start=period.first, assumption=note)
        return (_invalid(period.problem) if period.problem else timing), after
    span = _read_span(tokens, at, clock)
    if span and read_unit(tokens, at, clock):
        return span
    reading = read_numbered(tokens, at, clock) or read_quarter(tokens, at, clock)
    if reading is None:
        return None
    after = _skip_onward(tokens, reading[1])
    if after > reading[1] and not reading[0].problem:
        return Timing(start=reading[0].first), after
    if not reading[0].problem and reading[0].first < reading[0].last:
        text = " ".join(token.text for token in tokens[at : reading[1]])
        note = f'read "{text}" as {clock.unit}s {reading[0].first} to {reading[0].last}'
        return Timing(start=reading[0].first, end=reading[0].last, assumption=note), reading[1]
    message = reading[0].problem or 'Say "from", "in", "after" or "until" before the time.'
    return _invalid(message), reading[1]


def _read_calendar(tokens: list[Token], at: int, clock: Clock) -> TimingMatch | None:
    """Recognise dates, so that they are refused and not read as amounts."""
    place = skip(
        tokens, at, {"in", "from", "until", "by", "since", "starting", "before", "after", "the"}
    )
    place = skip(tokens, place, {"of", "early", "late", "mid", "end", "start", "beginning"})
    word = word_at(tokens, place)
    token = tokens[place] if place < len(tokens) else None
    if token is None:
        return None
    year = token.kind == "number" and token.number is not None and 1900 <= token.number <= 2150
    year = year and place > at and word_at(tokens, place + 1) not in ("dollars", "%", "usd", "to")
    may = word == "may" and place > at
    if word in _MONTHS or year or may:
        after = skip(tokens, place, _MONTHS | {word, "1", "of", "st"})
        if after < len(tokens) and tokens[after].kind == "number" and not year:
            number = tokens[after].number
            after += number is not None and (number <= 31 or 1900 <= number <= 2150)
        message = _CALENDAR.format(unit=clock.unit, horizon=clock.horizon)
        return _invalid(message, "calendar_date"), max(after, place + 1)
    return None


_READERS: tuple[TimingReader, ...] = (
    _read_always,
    _read_from,
    _read_between,
    _read_until_only,
    _read_after,
    _read_before,
    _read_by,
    _read_inside,
    _read_lasting,
    _read_bare,
    _read_calendar,
)
