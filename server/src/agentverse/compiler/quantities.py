"""How much: percent, share, money, factor, duration or bare number, with its sign and its rate."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from agentverse.compiler.compilation import Reason
from agentverse.compiler.items import Amount
from agentverse.compiler.numerals import read_fraction, read_number
from agentverse.compiler.tokenizing import Token, singular

CURRENCIES = {
    "$": "$",
    "us$": "$",
    "usd": "USD",
    "dollar": "$",
    "buck": "$",
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "£": "GBP",
    "gbp": "GBP",
    "pound": "GBP",
    "aud": "AUD",
    "cad": "CAD",
    "chf": "CHF",
    "yen": "JPY",
    "cent": "cent",
}
_FACTORS = {
    "double": 2,
    "doubled": 2,
    "doubling": 2,
    "twice": 2,
    "twofold": 2,
    "triple": 3,
    "tripled": 3,
    "tripling": 3,
    "treble": 3,
    "trebled": 3,
    "thrice": 3,
    "threefold": 3,
    "quadruple": 4,
    "quadrupled": 4,
    "quadrupling": 4,
    "fourfold": 4,
    "fivefold": 5,
    "quintuple": 5,
    "tenfold": 10,
}
_HALVES = {"halve", "halves", "halved", "halving"}
_PERCENT = {"%", "percent", "pct", "percentage", "pc", "percents"}
_SHORT_PERIODS = {"yr": "year", "mo": "month", "mth": "month", "wk": "week"}
_PERIODS = {"year", "month", "week", "day", "quarter"}
_ADVERBS = {"yearly": "year", "annually": "year", "monthly": "month", "weekly": "week"}
_CLOCK = {"minute": "minute", "min": "minute", "hour": "hour", "hr": "hour", "second": "second"}
AMOUNT_WORDS = frozenset(
    {*_FACTORS, *_HALVES, *_PERCENT, *_PERIODS, *_ADVERBS, *_CLOCK, "times", "factor", "minutes"}
)
_POINT_NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "pp": (
        ("percentage", "point"), ("percent", "point"), ("%", "point"), ("per", "cent", "point"),
        ("pp",), ("ppt",), ("pct", "point"), ("percentage",),
    ),
    "bp": (("basis", "point"), ("bp",), ("bps",)),
    "points": (("point",), ("pt",)),
}  # fmt: skip
AmountMatch = tuple[Amount, int]
AmountReader = Callable[[list[Token], int], AmountMatch | None]


def read_quantity(tokens: list[Token], at: int) -> AmountMatch | None:
    """Return the amount that starts at a place, and the place after it."""
    sign, place = _read_sign(tokens, at)
    for reader in (_read_range, _read_factor, _read_money, _read_points, _read_share, _read_plain):
        reading = reader(tokens, place)
        if reading:
            amount, after = reading
            return replace(amount, sign=sign or amount.sign), after
    return None


def _read_sign(tokens: list[Token], at: int) -> tuple[int, int]:
    if at + 1 < len(tokens) and _starts_number(tokens, at + 1):
        if tokens[at].text in ("-", "minus", "–"):
            return -1, at + 1
        if tokens[at].text == "+":
            return 1, at + 1
    return 0, at


def _starts_number(tokens: list[Token], at: int) -> bool:
    return tokens[at].text in CURRENCIES or read_number(tokens, at) is not None


def _text(tokens: list[Token], at: int) -> str:
    return tokens[at].text if at < len(tokens) else ""


def _skip_currency(tokens: list[Token], at: int) -> int:
    return at + 1 if _text(tokens, at) in CURRENCIES else at


def _read_range(tokens: list[Token], at: int) -> AmountMatch | None:
    """Read "10-20 %", "10 to 20 percent", "between $100 and $200": no single amount."""
    opened = _text(tokens, at) == "between"
    if at and tokens[at - 1].text == "from":
        return None
    first = read_number(tokens, _skip_currency(tokens, at + opened))
    if first is None:
        return None
    place = _skip_unit(tokens, first[1])
    joint = _text(tokens, place)
    if not (joint in ("–", "to") or (opened and joint == "and") or joint == "or"):
        return None
    second = read_number(tokens, _skip_currency(tokens, place + 1))
    if second is None:
        return None
    end = _skip_unit(tokens, second[1])
    money = any(token.text in CURRENCIES for token in tokens[at:end])
    if not money and not any(token.text in _PERCENT for token in tokens[at:end]):
        return None
    return Amount(kind="range", value=first[0], problem="amount_vague"), end


def _skip_unit(tokens: list[Token], at: int) -> int:
    percent = _percent_end(tokens, at)
    return percent if percent else _skip_currency(tokens, at)


def _read_factor(tokens: list[Token], at: int) -> AmountMatch | None:
    word = _text(tokens, at)
    if word in _HALVES:
        return Amount(kind="factor", value=Decimal("0.5")), at + 1
    if word in ("double", "triple") and _text(tokens, at + 1) == "digit":
        return None
    factor = _FACTORS.get(word) or _FACTORS.get(singular(word))
    if factor:
        return Amount(kind="factor", value=Decimal(factor)), at + 1
    if word in ("×", "x", "*") and (number := read_number(tokens, at + 1)):
        return Amount(kind="factor", value=number[0]), number[1]
    return _read_times(tokens, at)


def _read_times(tokens: list[Token], at: int) -> AmountMatch | None:
    if _text(tokens, at) == "times" and (number := read_number(tokens, at + 1)):
        return Amount(kind="factor", value=number[0]), number[1]
    if _text(tokens, at) == "factor" and _text(tokens, at + 1) == "of":
        number = read_number(tokens, at + 2)
        return (Amount(kind="factor", value=number[0]), number[1]) if number else None
    number = read_number(tokens, at)
    if number is None or number[2]:
        return None
    if _text(tokens, number[1]) in ("times", "x", "×", "fold"):
        return Amount(kind="factor", value=number[0]), number[1] + 1
    return None


def _read_money(tokens: list[Token], at: int) -> AmountMatch | None:
    place, unit = at, ""
    if _text(tokens, at) == "us" and _text(tokens, at + 1) == "$":
        place, unit = at + 2, "$"
    elif _text(tokens, at) in CURRENCIES:
        place, unit = at + 1, CURRENCIES[_text(tokens, at)]
        if _text(tokens, place) in ("-", "–", "+"):
            return _signed_money(tokens, place, unit)
    number = read_number(tokens, place)
    if number is None:
        return None
    value, place, ambiguous = number
    word = singular(_text(tokens, place))
    if word in CURRENCIES:
        unit, place = unit or CURRENCIES[word], place + 1
    if not unit:
        return None
    if unit == "cent":
        value, unit = value / 100, "$"
    per, place = read_rate(tokens, place)
    problem: Reason | None = "amount_ambiguous" if ambiguous else None
    return Amount(kind="money", value=value, unit=unit, per=per, problem=problem), place


def _signed_money(tokens: list[Token], at: int, unit: str) -> AmountMatch | None:
    number = read_number(tokens, at + 1)
    if number is None:
        return None
    per, place = read_rate(tokens, number[1])
    sign = 1 if _text(tokens, at) == "+" else -1
    return Amount(kind="money", value=number[0], unit=unit, per=per, sign=sign), place


def read_rate(tokens: list[Token], at: int) -> tuple[str, int]:
    """Read "a year", "per month", "/year", "yearly", "each month"; ("", at) when there is none."""
    word = _text(tokens, at)
    if word in _ADVERBS:
        return _ADVERBS[word], at + 1
    if word in ("a", "per", "/", "each", "every"):
        following = _text(tokens, at + 1)
        if word in ("/", "per") and following in _SHORT_PERIODS:
            return _SHORT_PERIODS[following], at + 2
        if singular(following) in _PERIODS and following in _PERIODS:
            return following, at + 2
        if word == "per" and following == "annum":
            return "year", at + 2
    if word == "p" and _text(tokens, at + 1) == "." and _text(tokens, at + 2) == "a":
        return "year", at + 3
    return "", at


def _percent_end(tokens: list[Token], at: int) -> int | None:
    if _text(tokens, at) in _PERCENT:
        return at + 1
    if _text(tokens, at) == "per" and _text(tokens, at + 1) in ("cent", "cents"):
        return at + 2
    return None


def _read_share(tokens: list[Token], at: int) -> AmountMatch | None:
    number = read_number(tokens, at)
    if number and (end := _percent_end(tokens, number[1])):
        return _percent(number[0], ambiguous=number[2], tokens=tokens, end=end)
    fraction = read_fraction(tokens, at)
    if fraction is None:
        return None
    of = fraction[1] + (_text(tokens, fraction[1]) in ("a", "an", "of"))
    if end := _percent_end(tokens, of):
        return _percent(fraction[0], ambiguous=False, tokens=tokens, end=end)
    if singular(_text(tokens, fraction[1])) in _PERIODS | {"hour", "an"}:
        return None
    return Amount(kind="fraction", value=fraction[0]), fraction[1]


def _percent(value: Decimal, *, ambiguous: bool, tokens: list[Token], end: int) -> AmountMatch:
    problem: Reason | None = "amount_ambiguous" if ambiguous else None
    per, place = read_rate(tokens, end)
    return Amount(kind="percent", value=value, per=per, problem=problem), place


def _read_points(tokens: list[Token], at: int) -> AmountMatch | None:
    """Read "0.2 percentage points", "25 bp", "2 pp", "half a percentage point", "3 points"."""
    number = read_number(tokens, at)
    fraction = read_fraction(tokens, at)
    if fraction:
        value, place, ambiguous = fraction[0], fraction[1], False
        if _text(tokens, place) in ("a", "an", "of"):
            place += 1
    elif number:
        value, place, ambiguous = number
    else:
        return None
    words = tuple(singular(_text(tokens, place + step)) for step in range(3))
    for unit, names in _POINT_NAMES.items():
        for name in names:
            if words[: len(name)] == name:
                problem: Reason | None = "amount_ambiguous" if ambiguous else None
                amount = Amount(kind="points", value=value, unit=unit, problem=problem)
                return amount, place + len(name)
    return None


def _read_plain(tokens: list[Token], at: int) -> AmountMatch | None:
    if _text(tokens, at) in ("a", "an", "half") and "hour" in (
        _text(tokens, at + 1),
        _text(tokens, at + 2),
    ):
        return _read_half_hour(tokens, at)
    number = read_number(tokens, at)
    if number is None:
        return None
    value, place, ambiguous = number
    word = singular(_text(tokens, place))
    if word in _CLOCK:
        per, after = read_rate(tokens, place + 1)
        return Amount(kind="duration", value=value, unit=_CLOCK[word], per=per), after
    problem: Reason | None = "amount_ambiguous" if ambiguous else None
    return Amount(kind="plain", value=value, problem=problem), place


def _read_half_hour(tokens: list[Token], at: int) -> AmountMatch | None:
    words = [_text(tokens, at + step) for step in range(3)]
    if words[:2] == ["an", "hour"]:
        return Amount(kind="duration", value=Decimal(1), unit="hour"), at + 2
    if words == ["half", "an", "hour"] or words == ["a", "half", "hour"]:
        return Amount(kind="duration", value=Decimal("0.5"), unit="hour"), at + 3
    if words[:2] == ["half", "hour"]:
        return Amount(kind="duration", value=Decimal("0.5"), unit="hour"), at + 2
    return None
