"""Independent reimplementation of prospect theory, nests, wear-out and consumption, for tests.

Products of whole steps and round shares often end in half a step, which the last bit of a double
sends up or down. So four orders of operations are part of the definition of consumption:
Y_0 (1 + income_change); C_0 (1 + x) with x = habit x + (1 - habit) x*, where the last term of x* is
marginal_propensity ((Y - Y_0) / C_0); x + ((1 - habit) keeping_up) mean x; and cents,
floor(100 m + 1/2). The rest is written in another form than in the rules: it may differ from them
in bits that no stored step shows.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_EARNED, MOST_HELD = 10**8, 2 * 10**9  # cents; nobody spends or owes more than can be held


def _prospect_utility(
    values: Floats,
    coefficients: Floats,
    choice: int,
    loss_aversion: float,
    value_exponent: float,
    utilities: Floats,
) -> None:
    for position in range(utilities.size):
        for family, beta in enumerate(coefficients.tolist()):
            z = beta * float(values[family, position] - values[family, choice])
            worth = abs(z) ** value_exponent
            utilities[position] += (worth if z >= 0 else -loss_aversion * worth) - z


def _nesting(nest_of: Floats, dissimilarity: Floats, utilities: Floats) -> None:
    plain: list[float] = utilities.tolist()
    for position, value in enumerate(plain):
        scale = float(dissimilarity[int(nest_of[position])])
        if scale == 1:
            continue
        nest_mates = [
            other for other, nest in zip(plain, nest_of, strict=True) if nest == nest_of[position]
        ]
        best = max(nest_mates)
        inclusive = math.log(sum(math.exp((other - best) / scale) for other in nest_mates))
        utilities[position] = best + (value - best) / scale + (scale - 1) * inclusive


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
    for position, points in enumerate(advertising.tolist()):
        response = media_effect * points / (media_half_saturation + points)
        utilities[position] += responsiveness * response


def _kept_choice(choice: int, new_choice: int, draw: float, replacement_rate: float) -> int:
    return choice if draw >= replacement_rate else new_choice


def _blend(share: float, one: float, other: float) -> float:
    return share * one + (1 - share) * other


def _cents(amount: float) -> int:
    return math.floor(100 * amount + 0.5)


def _earnings(start_income: float, income_change: float) -> float:
    return min(_cents(start_income * (1 + income_change)), MOST_EARNED) / 100


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
    gain = 0.0
    if start_spending > 0:
        gain = (new_income - start_income) / start_spending
    wanted = gain
    if start_choice == 0:
        # In percent of spending: a quarter's part of the yearly rate, over the quarters it counts.
        interest_effect = substitution * rate_duration * (interest_rate - neutral_rate) / 4
        mood_effect = confidence_effect * (confidence - 100)
        target = math.expm1((mood_effect - interest_effect) / 100) + marginal_propensity * gain
        wanted = _blend(habit, deviation, target)
    return wanted if wanted > -1 else -1.0


def _keeping_up(
    start_choice: int,
    new_deviation: float,
    mean_deviation: float,
    degree: int,
    keeping_up: float,
    habit: float,
) -> float:
    if start_choice == 0 and degree:
        new_deviation += (1 - habit) * keeping_up * mean_deviation
    return max(new_deviation, -1.0)


def _budget(
    start_choice: int,
    new_deviation: float,
    new_income: float,
    start_income: float,
    start_spending: float,
    wealth: float,
    credit_limit: float,
) -> tuple[float, float, float, float, int]:
    """Choose the wealth that is left; what is spent and saved follows from it."""
    base, before, income = _cents(start_spending), _cents(wealth), _cents(new_income)
    wanted_cents = _cents(start_spending * (1 + new_deviation))
    if start_choice == 1:
        wanted_cents = income - (_cents(start_income) - base)
    cash = before + income
    deepest = min(before, max(-_cents(credit_limit * start_income), -MOST_HELD))
    left = min(max(cash - wanted_cents, deepest, cash - MOST_HELD), cash, MOST_HELD)
    money = ((cash - left) / 100, (left - before) / 100, left / 100)
    if cash - wanted_cents >= deepest:
        return (*money, new_deviation, start_choice)
    return (*money, (cash - left - base) / base if base else 0.0, 1)


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
