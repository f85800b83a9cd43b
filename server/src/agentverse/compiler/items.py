"""The typed pieces of a sentence: what the chunker hands to the clause builder."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from agentverse.compiler.compilation import Reason
from agentverse.compiler.relations import SAME, Relation

ItemKind = Literal[
    "alternatives",
    "families",
    "cost_word",
    "parameter",
    "regions",
    "segments",
    "everyone",
    "complement",
    "except",
    "direction",
    "instrument",
    "quantity",
    "time",
    "to",
    "by",
    "from",
    "at",
    "base",
    "floor",
    "cap",
    "off_switch",
    "removal",
    "negation",
    "no_change",
    "vague",
    "than",
    "outcome",
    "people",
    "pronoun",
    "others",
    "again",
    "respectively",
    "instrumental",
    "intro_verb",
    "preposition",
    "recurring",
    "affect",
    "query",
    "opener",
    "and",
    "break",
    "stop",
    "filler",
    "finite",
    "unknown",
]
AmountKind = Literal[
    "percent", "fraction", "points", "money", "factor", "plain", "duration", "range"
]
Manner = Literal["verb", "adjective", "noun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """`value`: percent as 30, fraction as 0.2, factor as 2; `per` a time unit for rates."""

    kind: AmountKind
    value: Decimal
    sign: int = 0
    unit: str = ""
    per: str = ""
    problem: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Ticks, inclusive; `momentary` where "in month 6" may also mean that it lasts."""

    start: int | None = None
    end: int | None = None
    duration: int | None = None
    forever: bool = False
    problem: Reason | None = None
    message: str = ""
    assumption: str = ""
    momentary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One piece; `first` and `last` are token places, `last` exclusive."""

    kind: ItemKind
    first: int
    last: int
    text: str
    names: tuple[str, ...] = ()
    sign: int = 0
    manner: Manner = "adjective"
    amount: Amount | None = None
    timing: Timing | None = None
    strong: bool = False
    generic: bool = False
    bare: bool = False
    money: bool = False
    note: str = ""
    relation: Relation = SAME
    ambiguous: bool = False
