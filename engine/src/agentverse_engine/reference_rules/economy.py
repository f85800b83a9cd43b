"""Prospect theory, nests, worn media and consumption, a second time."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.mathematics import exponential

Floats = NDArray[np.float64]


def _prospect_utility(
    values: Floats,
    coefficients: Floats,
    choice: int,
    loss_aversion: float,
    value_exponent: float,
    utilities: Floats,
) -> None:
    for place in range(utilities.size):
        for family, beta in enumerate(coefficients.tolist()):
            z = beta * float(values[family, place] - values[family, choice])
            worth = abs(z) ** value_exponent
            utilities[place] += (worth if z >= 0 else -loss_aversion * worth) - z


def _nesting(nest_of: Floats, dissimilarity: Floats, utilities: Floats) -> None:
    plain: list[float] = utilities.tolist()
    for place, value in enumerate(plain):
        scale = float(dissimilarity[int(nest_of[place])])
        if scale == 1:
            continue
        mates = [
            other for other, nest in zip(plain, nest_of, strict=True) if nest == nest_of[place]
        ]
        best = max(mates)
        inclusive = math.log(sum(math.exp((other - best) / scale) for other in mates))
        utilities[place] = best + (value - best) / scale + (scale - 1) * inclusive


def _wearout(
    responsiveness: float,
    advertising: Floats,
    media_half_saturation: float,
    habituation: float,
    recovery: float,
) -> float:
    seen = sum(advertising.tolist())
    loss = responsiveness * seen / (media_half_saturation + seen)
    moved = responsiveness + habituation * (recovery * (1 - responsiveness) - loss)
    return min(1.0, max(0.0, moved))


def _worn_media(
    advertising: Floats,
    media_effect: float,
    media_half_saturation: float,
    responsiveness: float,
    utilities: Floats,
) -> None:
    for place, points in enumerate(advertising.tolist()):
        response = media_effect * points / (media_half_saturation + points)
        utilities[place] += responsiveness * response


def _kept_choice(choice: int, new_choice: int, draw: float, replacement_rate: float) -> int:
    return choice if draw >= replacement_rate else new_choice


def _round_cents(amount: float) -> int:
    return math.floor(100 * amount + 0.5)


def _earnings(start_income: float, income_change: float) -> float:
    return _round_cents(min(start_income * (1 + income_change), 1e6)) / 100


def _habit_spending(
    deviation: float,
    start_choice: int,
    new_income: float,
    start_income: float,
    start_spending: float,
    interest_rate: float,
    neutral_rate: float,
    rate_duration: float,
    substitution: float,
    confidence: float,
    confidence_effect: float,
    marginal_propensity: float,
    habit: float,
) -> float:
    gain = (new_income - start_income) / start_spending if start_spending > 0 else 0.0
    if start_choice == 1:
        return max(-1.0, gain)
    euler = -substitution * (rate_duration * (interest_rate - neutral_rate) / 400)
    mood = confidence_effect * (confidence - 100) / 100
    target = exponential(mood + euler) - 1 + marginal_propensity * gain
    return max(-1.0, habit * deviation + (1 - habit) * target)


def _keeping_up(
    start_choice: int,
    new_deviation: float,
    mean_deviation: float,
    degree: int,
    keeping_up: float,
    habit: float,
) -> float:
    pull = (1 - habit) * keeping_up * mean_deviation if degree and start_choice == 0 else 0.0
    return max(-1.0, new_deviation + pull)


def _budget(
    start_choice: int,
    new_deviation: float,
    new_income: float,
    start_income: float,
    start_spending: float,
    wealth: float,
    credit_limit: float,
) -> tuple[float, float, float, float, int]:
    income, owned = _round_cents(new_income), _round_cents(wealth)
    base = _round_cents(start_spending)
    wanted = base + income - _round_cents(start_income)
    if start_choice == 0:
        wanted = _round_cents(start_spending * (1 + new_deviation))
    floor = min(owned, -min(_round_cents(credit_limit * start_income), 2_000_000_000))
    spending = max(income + owned - 2_000_000_000, 0, min(wanted, 2_000_000_000))
    short = wanted > income + owned - floor
    if short:
        spending = max(income + owned - 2_000_000_000, 0, min(income + owned - floor, spending))
    deviation = new_deviation
    if short:
        deviation = spending / base - 1 if base else 0.0
    saving = income - spending
    return (
        spending / 100,
        saving / 100,
        (owned + saving) / 100,
        deviation,
        1 if short else start_choice,
    )


EQUATIONS: Mapping[str, Callable[..., Any]] = {
    "prospect_utility": _prospect_utility,
    "nesting": _nesting,
    "wearout": _wearout,
    "worn_media": _worn_media,
    "kept_choice": _kept_choice,
    "earnings": _earnings,
    "habit_spending": _habit_spending,
    "keeping_up": _keeping_up,
    "budget": _budget,
}
