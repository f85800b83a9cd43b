"""Number words and digits → Decimal."""

from decimal import Decimal

from agentverse.compiler.tokenizing import Token, word_list

_SMALL = {
    word: Decimal(value)
    for value, word in enumerate(
        word_list(
            """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen"""
        )
    )
}
_TENS = {
    word: Decimal(value * 10)
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_TENS["fourty"] = Decimal(40)
ORDINALS = {
    word: value
    for value, word in enumerate(
        word_list(
            """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
    thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"""
        ),
        start=1,
    )
}
FRACTIONS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "twentieth": 20,
    "hundredth": 100,
}


_VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅛": (1, 8), "⅒": (1, 10),
}  # fmt: skip


def read_number(tokens: list[Token], at: int) -> tuple[Decimal, int, bool] | None:
    """Return (value, next place, ambiguous) of a number in digits or words."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    if token.kind == "number" and token.number is not None and not token.ordinal:
        scaled = _scale(tokens, at + 1)
        return token.number * scaled[0], scaled[1], token.ambiguous
    return _read_words(tokens, at)


def _scale(tokens: list[Token], at: int) -> tuple[Decimal, int]:
    if at < len(tokens) and tokens[at].text in ("thousand", "hundred"):
        return Decimal(1000 if tokens[at].text == "thousand" else 100), at + 1
    return Decimal(1), at


def _read_words(tokens: list[Token], at: int) -> tuple[Decimal, int, bool] | None:
    total, group, place, seen = Decimal(0), Decimal(0), at, False
    while place < len(tokens):
        word = tokens[place].text
        if word in _SMALL and (not seen or group % 100 == 0 or (group % 10 == 0 and group >= 20)):
            group, seen = group + _SMALL[word], True
        elif word in _TENS and group % 100 == 0:
            group, seen = group + _TENS[word], True
        elif word == "hundred" and group < 100 and (seen or _article(tokens, place)):
            group, seen = (group or Decimal(1)) * 100, True
        elif word == "thousand" and (seen or _article(tokens, place)):
            total, group, seen = total + (group or Decimal(1)) * 1000, Decimal(0), True
        elif not _is_silent(tokens, place, seen=seen):
            break
        place += 1
    return (total + group, place, False) if seen else None


def _is_silent(tokens: list[Token], place: int, *, seen: bool) -> bool:
    """Tell the "and" of "two hundred and fifty" and the "a" of "a hundred"."""
    word = tokens[place].text
    if seen:
        return word == "and" and _after_hundred(tokens, place)
    return word in ("a", "one") and _hundred_follows(tokens, place)


def _article(tokens: list[Token], place: int) -> bool:
    return place > 0 and tokens[place - 1].text in ("a", "one")


def _hundred_follows(tokens: list[Token], place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1].text in ("hundred", "thousand")


def _after_hundred(tokens: list[Token], place: int) -> bool:
    if place + 1 >= len(tokens) or tokens[place - 1].text not in ("hundred", "thousand"):
        return False
    following = tokens[place + 1].text
    return following in _SMALL or following in _TENS


def read_fraction(tokens: list[Token], at: int) -> tuple[Decimal, int] | None:
    """Read "a fifth", "two thirds", "half", "1/3", "⅓", "a half"."""
    slashed = _read_slashed(tokens, at)
    if slashed:
        return slashed
    if tokens[at].text in _VULGAR:
        top, bottom = _VULGAR[tokens[at].text]
        return Decimal(top) / bottom, at + 1
    place, count = at, Decimal(1)
    if tokens[at].text in ("a", "an", "one"):
        place += 1
    else:
        number = read_number(tokens, at)
        if number and number[1] == at + 1:
            count, place = number[0], number[1]
    if place >= len(tokens):
        return None
    word = tokens[place].text
    part = FRACTIONS.get(word) or (FRACTIONS.get(word[:-1]) if word.endswith("s") else None)
    if part is None or (place == at and word != "half"):
        return None
    if count != int(count) or count > part * 10:
        return None
    return count / part, place + 1


def _read_slashed(tokens: list[Token], at: int) -> tuple[Decimal, int] | None:
    if at + 2 >= len(tokens) or tokens[at + 1].text != "/":
        return None
    top, bottom = tokens[at].number, tokens[at + 2].number
    if top is None or not bottom or bottom > 100:
        return None
    return top / bottom, at + 3


def read_ordinal(tokens: list[Token], at: int) -> int | None:
    if at >= len(tokens):
        return None
    token = tokens[at]
    if token.ordinal and token.number is not None:
        return int(token.number)
    return ORDINALS.get(token.text)
