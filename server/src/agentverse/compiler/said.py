"""The intermediate form of a change: what the words say of how much, before any variable.

Whoever reads a question fills it in, and computes nothing: no factor, no conversion.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

# unsaid: the words do not tell a new value from a step.
Mode = Literal["set", "scale", "points", "shift", "floor", "cap", "remove", "unsaid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidAmount:
    """`number` in `unit` as said: 30 in "%", 2 in "times", 25 in "bp", 400 in "$" per "year".

    direction: 1 up, -1 down, 0 unsaid. of_today: the number is a part of today's value.
    complement: said of what the variable leaves. more: "two times more". leans: the direction is
    that of a word such as "rate cut" or "subsidy".
    text: the words, to be quoted.
    """

    mode: Mode
    number: Decimal = Decimal(0)
    unit: str = ""
    per: str = ""
    direction: int = 0
    of_today: bool = False
    more: bool = False
    leans: bool = False
    complement: bool = False
    text: str = ""
