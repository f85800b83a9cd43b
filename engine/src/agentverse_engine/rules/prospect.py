"""Cumulative prospect theory: values from a reference point, and weights instead of odds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.compiled import compiled, inlined
from agentverse_engine.numerics.mathematics import exponential_inlined, logarithm_inlined
from agentverse_engine.rules.rule import Rule

Floats = NDArray[np.float64]
PROBABILITIES_MISS = 1e-9
BOUNDS = {  # below 0.28 a weight would fall as its probability rises (Ingersoll 2008)
    "value_exponent": (0.3, 1.0),
    "loss_aversion": (1.0, 4.0),
    "gain_weighting": (0.28, 1.0),
    "loss_weighting": (0.28, 1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProspectPreferences:
    """How somebody takes risks; the defaults are the medians of Tversky & Kahneman 1992.

    value_exponent: alpha, 0.3 to 1; loss_aversion: lambda, 1 to 4; gain_weighting and
    loss_weighting: gamma of gains and of losses, 0.28 to 1 (1: probabilities as they are).
    RequestError: one that is out of its range.
    """

    value_exponent: float = 0.88
    loss_aversion: float = 2.25
    gain_weighting: float = 0.61
    loss_weighting: float = 0.69

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            value: float = getattr(self, name)
            if not low <= value <= high:
                raise RequestError(f"is {value}.", field=name, fix=f"Use {low:g} to {high:g}.")


MEDIAN_PREFERENCES = ProspectPreferences()


@inlined
def raised(base: float, exponent: float) -> float:
    """Return base**exponent in fixed operations; base >= 0, exponent > 0."""
    if base == 0.0 or exponent == 1.0:
        return base
    return exponential_inlined(exponent * logarithm_inlined(base))


@inlined
def value_of(change: float, value_exponent: float, loss_aversion: float) -> float:
    """Return what a change from the reference point is worth (Tversky & Kahneman 1992, eq. 5)."""
    if change < 0.0:
        return -loss_aversion * raised(-change, value_exponent)
    return raised(change, value_exponent)


@inlined
def weight_of(probability: float, weighting: float) -> float:
    """Return the weight of a probability (Tversky & Kahneman 1992, eq. 6), 0 to 1."""
    if probability <= 0.0:
        return 0.0
    if probability >= 1.0:
        return 1.0
    likely = raised(probability, weighting)
    unlikely = raised(1.0 - probability, weighting)
    return likely / raised(likely + unlikely, 1.0 / weighting)


@inlined
def is_farther(outcomes: Floats, one: int, other: int) -> bool:
    """Say whether one outcome lies beyond another of its side; ties go by position."""
    if outcomes[one] == outcomes[other]:
        return one > other
    if outcomes[other] < 0.0:
        return bool(outcomes[one] < outcomes[other])
    return bool(outcomes[one] > outcomes[other])


@inlined
def cumulated_value(
    outcomes: Floats,
    probabilities: Floats,
    value_exponent: float,
    loss_aversion: float,
    gain_weighting: float,
    loss_weighting: float,
) -> float:
    """Return the value of a gamble for rules: outcomes, probabilities float64[k], any order.

    Each outcome's weight is what it adds to the weight of all beyond it (Tversky & Kahneman
    1992, eqs. 1 and 2).
    """
    total = 0.0
    for position in range(outcomes.size):
        beyond = 0.0
        for other in range(outcomes.size):
            if is_farther(outcomes, other, position):
                beyond += probabilities[other]
        weighting = loss_weighting if outcomes[position] < 0.0 else gain_weighting
        reached = weight_of(beyond + probabilities[position], weighting)
        weight = reached - weight_of(beyond, weighting)
        total += weight * value_of(float(outcomes[position]), value_exponent, loss_aversion)
    return total


@compiled
def _gamble_value(
    outcomes: Floats, probabilities: Floats, alpha: float, losses: float, up: float, down: float
) -> float:
    return cumulated_value(outcomes, probabilities, alpha, losses, up, down)


def gamble_value(
    outcomes: ArrayLike,
    probabilities: ArrayLike,
    *,
    preferences: ProspectPreferences = MEDIAN_PREFERENCES,
) -> float:
    """Return the prospect value of a gamble (Tversky & Kahneman 1992).

    outcomes: float64[k], changes from the reference point, in any unit and order;
    probabilities: float64[k], 0 to 1, summing to 1. Raises a RequestError otherwise.
    """
    changes, odds = _checked(outcomes, probabilities)
    return _gamble_value(
        changes,
        odds,
        preferences.value_exponent,
        preferences.loss_aversion,
        preferences.gain_weighting,
        preferences.loss_weighting,
    )


def certainty_equivalent(
    outcomes: ArrayLike,
    probabilities: ArrayLike,
    *,
    preferences: ProspectPreferences = MEDIAN_PREFERENCES,
) -> float:
    """Return the sure change that is worth as much as a gamble, in the unit of the outcomes.

    outcomes: float64[n], changes in any unit; probabilities: float64[n], 0 to 1, summing to 1, one
    for each outcome. RequestError: numbers that are none of these.
    """
    value = gamble_value(outcomes, probabilities, preferences=preferences)
    inverse = 1.0 / preferences.value_exponent
    if value < 0.0:
        return -raised(-value / preferences.loss_aversion, inverse)
    return raised(value, inverse)


def _checked(outcomes: ArrayLike, probabilities: ArrayLike) -> tuple[Floats, Floats]:
    changes = np.array(outcomes, dtype=np.float64, order="C")
    odds = np.array(probabilities, dtype=np.float64, order="C")
    if changes.ndim != 1 or changes.size == 0 or not np.isfinite(changes).all():
        raise RequestError(
            "are no list of finite numbers.", field="outcomes", fix="Give at least one number."
        )
    if odds.shape != changes.shape:
        raise RequestError(
            f"have shape {odds.shape} for {changes.size} outcomes.",
            field="probabilities",
            fix="Give one for each outcome.",
        )
    if not (np.isfinite(odds).all() and (odds >= 0.0).all()):
        raise RequestError(
            "are not all 0 or more.", field="probabilities", fix="Use numbers from 0 to 1."
        )
    if abs(odds.sum() - 1.0) > PROBABILITIES_MISS:
        raise RequestError(
            f"sum to {odds.sum():g}.",
            field="probabilities",
            fix="Let them sum to 1; give a change of 0 the rest.",
        )
    return changes, odds


@inlined
def add_prospect(
    values: Floats,
    coefficients: Floats,
    choice: int,
    loss_aversion: float,
    value_exponent: float,
    utilities: Floats,
) -> None:
    """Take each attribute's gain or loss against the current alternative by its prospect value.

    With exponent 1 this is the linear loss aversion of `choice.add_losses`.
    """
    for family in range(coefficients.size):
        for alternative in range(utilities.size):
            change = coefficients[family] * (values[family, alternative] - values[family, choice])
            worth = value_of(change, value_exponent, loss_aversion)
            utilities[alternative] += worth - change


PROSPECT_UTILITY = Rule(
    name="prospect_utility",
    function=add_prospect,
    social=True,
    equation="V_ij += sum_f v(z_f) - z_f, z_f = beta_f (x_ijf - x_i,current,f); "
    "v(z) = z^value_exponent, -loss_aversion (-z)^value_exponent below 0",
    source="Tversky & Kahneman 1991, 1992; the current alternative is the reference point",
)
