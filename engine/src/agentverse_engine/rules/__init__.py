"""The rule registry: each rule with its place in the tick, its parameters and its source."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a rule does, which registry parameters bound it, and where it comes from."""

    name: str
    phase: Literal["act", "decide", "evaluate"]
    parameters: tuple[str, ...]
    social: bool
    equation: str
    source: str


CONSUMER_CHOICE: tuple[Rule, ...] = (
    Rule(
        name="replacement",
        phase="act",
        parameters=("replacement_rate",),
        social=False,
        equation="P(the current system ends in a tick) = replacement_rate",
        source="constant hazard; ASHRAE median service lives",
    ),
    Rule(
        name="logit_choice",
        phase="decide",
        parameters=(),
        social=False,
        equation="V_ij = asc_j + sum_f beta_f x_ijf; P_ij = exp(V_ij) / sum_k exp(V_ik)",
        source="McFadden 1974",
    ),
    Rule(
        name="conformity",
        phase="evaluate",
        parameters=("conformity",),
        social=True,
        equation="V_ij += conformity (share of neighbours with j - 1/J); 0 without neighbours",
        source="Brock & Durlauf 2001; strength from Bond & Smith 1996",
    ),
    Rule(
        name="loss_aversion",
        phase="evaluate",
        parameters=("loss_aversion",),
        social=True,
        equation="V_ij += sum_f (loss_aversion - 1) min(0, beta_f (x_ijf - x_i,current,f))",
        source="Tversky & Kahneman 1991, 1992",
    ),
)

PACKS: dict[str, tuple[Rule, ...]] = {"consumer_choice": CONSUMER_CHOICE}
