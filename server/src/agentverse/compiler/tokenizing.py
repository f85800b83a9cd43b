"""Question → tokens with their place in the text; spelling variants are evened out here."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

_SAME_LENGTH = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
        "`": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2212": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": ";",
        "\uff05": "%",
        "\uff04": "$",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
    }
)
_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+[.,]\d+|\d+|\.\d+)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)?)"
    r"|(?P<symbol>\S)"
)
_LATIN = re.compile(r"\b(?:i\.\s?e\.|e\.\s?g\.)")
_CURRENCY = {"$", "€", "£", "usd", "eur", "gbp", "dollar", "dollars", "euro", "euros", "bucks"}
_ORDINAL = {"st", "nd", "rd", "th"}
Kind = Literal["word", "number", "symbol"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """`text` in lower case and even spelling; `start` and `end` are places in the question."""

    text: str
    kind: Kind
    start: int
    end: int
    number: Decimal | None = None
    ambiguous: bool = False
    ordinal: bool = False


def word_list(text: str) -> list[str]:
    """Cut a table of words, which reads better than a column of quotes."""
    return text.split()


def tokenize(question: str) -> list[Token]:
    text = "".join(c.lower() if len(c.lower()) == 1 else c for c in question)
    text = _LATIN.sub(lambda match: "," + " " * (len(match.group()) - 1), text)
    text = text.translate(_SAME_LENGTH)
    tokens = [_token(match) for match in _TOKEN.finditer(text)]
    tokens = [part for token in tokens for part in _split_contraction(token)]
    tokens = _resolve_dashes(tokens)
    tokens = _join_spaced_thousands(tokens)
    return _join_suffixes(tokens)


def _token(match: re.Match[str]) -> Token:
    kind: Kind = "symbol"
    if match.group("number"):
        number, ambiguous = _parse_number(match.group())
        return Token(
            text=match.group(),
            kind="number",
            start=match.start(),
            end=match.end(),
            number=number,
            ambiguous=ambiguous,
        )
    if match.group("word"):
        kind = "word"
    return Token(text=match.group(), kind=kind, start=match.start(), end=match.end())


def _parse_number(text: str) -> tuple[Decimal, bool]:
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", text):
        return Decimal(text.replace(",", "")), False
    ambiguous = re.fullmatch(r"[1-9]\d{0,2}\.\d{3}|\d+,\d{3,}", text) is not None
    return Decimal(text.replace(",", ".")), ambiguous


def _split_contraction(token: Token) -> list[Token]:
    if token.kind != "word" or "'" not in token.text:
        return [token]
    stem, tail = token.text.split("'", 1)
    if tail == "t":
        base = {"can": "can", "won": "will", "shan": "shall"}.get(stem, stem.removesuffix("n"))
        cut = token.start + len(stem) - 1
        return [
            replace(token, text=base, end=cut),
            replace(token, text="not", start=cut),
        ]
    cut = token.start + len(stem)
    return [replace(token, text=stem, end=cut)]


def _resolve_dashes(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.text != "-":
            if token.text not in ("'", '"'):
                kept.append(token)
            continue
        role = _dash_role(tokens, index)
        if role:
            kept.append(replace(token, text=role))
    return kept


def _dash_role(tokens: list[Token], index: int) -> str | None:
    """Hyphen inside a word: None; range: "–"; sign: "-"; pause: ";"."""
    dash = tokens[index]
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if after is None:
        return None
    left = before is not None and before.end == dash.start
    right = after.start == dash.end
    numeric = after.kind == "number" or after.text in _CURRENCY
    if before is not None and before.kind == "number" and _is_lettered(tokens, index + 1):
        return "–"
    if before is not None and numeric and (before.kind == "number" or before.text == "%"):
        return "–"
    if right and numeric and not (left and before is not None and before.kind == "word"):
        return "-"
    if left or right:
        return None
    return ";"


def _is_lettered(tokens: list[Token], at: int) -> bool:
    """Tell the "M12" of "M6-M12"."""
    numbered = at + 1 < len(tokens) and tokens[at + 1].kind == "number"
    return numbered and len(tokens[at].text) == 1 and tokens[at].end == tokens[at + 1].start


def _join_spaced_thousands(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    for index, token in enumerate(tokens):
        if joined and _continues_thousands(joined[-1], token):
            money = (len(joined) > 1 and joined[-2].text in _CURRENCY) or (
                index + 1 < len(tokens) and tokens[index + 1].text in _CURRENCY
            )
            if money and joined[-1].number is not None and token.number is not None:
                value = joined[-1].number * 1000 + token.number
                joined[-1] = replace(joined[-1], number=value, end=token.end)
                continue
        joined.append(token)
    return joined


def _continues_thousands(left: Token, right: Token) -> bool:
    return (
        left.kind == right.kind == "number"
        and right.start > left.end
        and re.fullmatch(r"\d{3}", right.text) is not None
        and left.number is not None
        and left.number == int(left.number)
    )


def _join_suffixes(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    for token in tokens:
        last = joined[-1] if joined else None
        if last and last.kind == "number" and last.number is not None and last.end == token.start:
            if token.text == "k":
                joined[-1] = replace(
                    last, number=last.number * 1000, end=token.end, ambiguous=False
                )
                continue
            if token.text in _ORDINAL:
                joined[-1] = replace(last, ordinal=True, end=token.end)
                continue
        joined.append(token)
    return joined


_IRREGULAR = {
    "companies": "company",
    "this": "this",
    "bus": "bus",
    "buses": "bus",
    "gas": "gas",
    "gases": "gas",
    "less": "less",
    "plus": "plus",
    "minus": "minus",
    "always": "always",
    "coaches": "coach",
    "thus": "thus",
    "us": "us",
    "its": "its",
    "is": "is",
    "as": "as",
    "was": "was",
    "has": "has",
    "yes": "yes",
    "his": "his",
    "across": "across",
    "does": "does",
}


def singular(word: str) -> str:
    """Even out plural and third person: "pumps" → "pump", "cities" → "city"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_ENDINGS = tuple(
    word_list(
        """ations ation ements ement ments ment ions ion ing ers er ity ist ed es s e al ally"""
    )
)


def root(word: str) -> str:
    """Crude common stem: "installation", "installing", "install" → "install"."""
    while (shorter := _without_ending(word)) is not None:
        word = shorter
    return word


def _without_ending(word: str) -> str | None:
    endings = (
        ending for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) >= 5
    )
    ending = next(endings, None)
    return None if ending is None else word[: -len(ending)]
