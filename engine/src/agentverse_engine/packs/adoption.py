"""The pack `adoption`: diffusion of an innovation by Bass, threshold or complex contagion."""

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PackError
from agentverse_engine.inputs.variables import Variable, attribute, parameter
from agentverse_engine.packs.pack import Pack, Spread
from agentverse_engine.rules.bass import (
    ABANDONMENT,
    ADOPTION,
    EFFORT,
    IMITATION,
    INNOVATION,
    MARKETING,
)
from agentverse_engine.rules.complex_contagion import COMPLEX_CONTAGION
from agentverse_engine.rules.rule import Rule
from agentverse_engine.rules.threshold import THRESHOLD
from agentverse_engine.synthesis.normal import normal_quantiles

Mechanism = Literal["bass", "threshold", "complex"]
THRESHOLD_MEAN = 0.25
THRESHOLD_DEVIATION = 0.1
MEASURED_INNOVATION = 0.03


def adoption(*, mechanism: Mechanism = "bass", ticks_per_year: float = 12.0) -> Pack:
    """Return the pack with the alternatives not_yet and adopted.

    bass: innovators and imitators, moved by price and advertising; threshold: personas join once
    enough of their neighbours have (attribute `threshold`, drawn by `packs.completed`); complex:
    several sources have to confirm each other. In the last two nobody starts by themselves, but
    for thresholds of 0, unless `innovation` is raised. Adopters stay, unless `abandonment` is.
    ticks_per_year: what rates a year are rescaled by, 1 to 8784 (hours).
    PackError: an unknown mechanism, ticks_per_year out of range.
    """
    _check(mechanism, ticks_per_year)
    variables = _variables(mechanism)
    return Pack(
        name="adoption",
        alternatives=("not_yet", "adopted"),
        rules=_rules(mechanism),
        parameters=tuple(one.name for one in variables if one.kind == "parameter"),
        attributes=tuple(one.name for one in variables if one.kind == "attribute"),
        variables=variables,
        constants={"tick_years": 1.0 / ticks_per_year},
        spreads=(_threshold_spread(),) if mechanism == "threshold" else (),
        labels={"not_yet": "not yet adopted", "adopted": "adopted"},
        outcome="adopted",
    )


def _check(mechanism: str, ticks_per_year: float) -> None:
    if mechanism not in get_args(Mechanism):
        raise PackError(
            f"is '{mechanism}'.",
            field="mechanism",
            fix=f"Use one of: {', '.join(get_args(Mechanism))}.",
        )
    if not (math.isfinite(ticks_per_year) and 1 <= ticks_per_year <= 8784):
        raise PackError(
            f"is {ticks_per_year}.",
            field="ticks_per_year",
            fix="Use 1 (a tick is a year) to 8784 (an hour); 12 for months, 52 for weeks.",
        )


def _rules(mechanism: Mechanism) -> tuple[Rule, ...]:
    if mechanism == "bass":
        return (MARKETING, INNOVATION, IMITATION, EFFORT, ADOPTION, ABANDONMENT)
    peers = THRESHOLD if mechanism == "threshold" else COMPLEX_CONTAGION
    return (INNOVATION, ADOPTION, peers, ABANDONMENT)


def _variables(mechanism: Mechanism) -> tuple[Variable, ...]:
    if mechanism == "bass":
        measured = "mean of the meta-analysis of Sultan, Farley & Lehmann 1990"
        return (
            *_marketing(),
            _innovation(default=MEASURED_INNOVATION, source=measured),
            _imitation(),
            _abandonment(),
        )
    spontaneous = _innovation(default=0.0, source="assumption: others alone move people")
    peers = (_threshold(),) if mechanism == "threshold" else _exposures()
    return (spontaneous, *peers, _abandonment())


def _innovation(*, default: float, source: str) -> Variable:
    return parameter(
        "innovation",
        label="pull to adopt whatever the others do",
        unit="per year",
        default=default,
        bounds=(0.0, 0.05),
        source=source,
        synonyms=("innovation rate", "external influence", "early adopters", "p"),
    )


def _imitation() -> Variable:
    return parameter(
        "imitation",
        label="pull to adopt when all neighbours have adopted",
        unit="per year",
        default=0.38,
        bounds=(0.0, 0.8),
        source="mean of the meta-analysis of Sultan, Farley & Lehmann 1990",
        synonyms=("imitation rate", "word of mouth", "peer influence", "q"),
    )


def _abandonment() -> Variable:
    return parameter(
        "abandonment",
        label="rate at which adopters give up",
        unit="per year",
        default=0.0,
        bounds=(0.0, 2.4),
        source="assumption: adopters stay; the bound is 0.2 a month",
        synonyms=("churn", "exit rate", "drop-out", "attrition"),
    )


def _marketing() -> tuple[Variable, ...]:
    return (
        parameter(
            "price",
            label="price, as a multiple of today's",
            default=1.0,
            bounds=(0.01, 100.0),
            source="1 is the price in the data that innovation and imitation stem from",
            synonyms=("price", "cost", "subsidy", "discount"),
        ),
        parameter(
            "price_elasticity",
            label="fall of the adoption rate, in percent, for a price higher by one percent",
            default=1.76,
            bounds=(0.0, 5.0),
            source="assumption: the mean elasticity of sales (Tellis 1988) holds for adoption",
            synonyms=("price sensitivity",),
        ),
        parameter(
            "advertising",
            label="advertising",
            unit="rating points",
            default=0.0,
            bounds=(0.0, 10_000.0),
            source="assumption: none beyond what innovation holds; keeps 0.6 a tick (adstock, "
            "Koyck 1954)",
            synonyms=("advertising", "campaign", "promotion"),
            inertia=0.6,
        ),
        parameter(
            "advertising_effect",
            label="largest rise of the adoption rate by advertising, as a share of it",
            default=0.63,
            bounds=(0.0, 5.0),
            source="assumption: makes the elasticity 0.12 at half saturation (short-run mean of "
            "Sethuraman, Tellis & Briesch 2011)",
        ),
        parameter(
            "advertising_half_saturation",
            label="advertising at which half of its largest effect is reached",
            unit="rating points",
            default=100.0,
            bounds=(1.0, 10_000.0),
            source="assumption: one contact with everybody a tick, 100 rating points",
        ),
    )


def _threshold() -> Variable:
    return attribute(
        "threshold",
        label="share of neighbours that must have adopted before a persona does",
        bounds=(0.0, 1.0),
        source="Granovetter 1978",
        synonyms=("threshold", "tipping point", "reluctance"),
    )


def _exposures() -> tuple[Variable, ...]:
    return (
        parameter(
            "first_exposure",
            label="chance that one adopted neighbour convinces in a tick",
            unit="per tick",
            default=0.05,
            bounds=(0.0, 1.0),
            source="assumption: small (Centola & Macy 2007)",
            synonyms=("persuasion chance", "exposure"),
        ),
        parameter(
            "reinforcement",
            label="how many times as convincing each further adopted neighbour is",
            default=2.0,
            bounds=(1.0, 4.0),
            source="assumption: the middle of 1.5 to 4 (Centola & Macy 2007; Centola 2010)",
            synonyms=("social reinforcement", "confirmation"),
        ),
        parameter(
            "sources_needed",
            label="how many adopted neighbours it takes at least",
            unit="neighbours",
            default=2.0,
            bounds=(1.0, 20.0),
            source="a contagion is complex from two sources on (Centola & Macy 2007)",
            synonyms=("sources", "confirmations needed"),
        ),
    )


def _threshold_spread() -> Spread:
    return Spread(
        column="threshold",
        quantiles=normal_thresholds,
        source="Granovetter 1978, normal thresholds; N(0.25, 0.1) is an assumption",
    )


def normal_thresholds(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return thresholds float64[n] ~ N(0.25, 0.1) within [0, 1], of uniforms float64[n, 1].

    One in 160 is at 0: Granovetter's (1978) instigators, whose normal threshold is below it.
    """
    deviations = normal_quantiles(draws[:, 0])
    return np.clip(THRESHOLD_MEAN + THRESHOLD_DEVIATION * deviations, 0.0, 1.0)
