"""Independent reimplementation of the choice rules, for tests."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _replacement(draw: float, replacement_rate: float) -> bool:
    return draw < replacement_rate


def _logit_utility(
    values: Floats, coefficients: Floats, constants: Floats, utilities: Floats
) -> None:
    for index, constant in enumerate(constants.tolist()):
        terms = zip(coefficients.tolist(), values[:, index].tolist(), strict=True)
        utilities[index] = constant + sum(beta * value for beta, value in terms)


def _media(
    advertising: Floats, media_effect: float, media_half_saturation: float, utilities: Floats
) -> None:
    for index, points in enumerate(advertising.tolist()):
        utilities[index] += media_effect * points / (media_half_saturation + points)


def _loss_aversion(
    values: Floats, coefficients: Floats, choice: int, loss_aversion: float, utilities: Floats
) -> None:
    for index in range(utilities.size):
        for family, beta in enumerate(coefficients.tolist()):
            worse = min(0.0, beta * float(values[family, index] - values[family, choice]))
            utilities[index] += (loss_aversion - 1) * worse


def _conformity(
    counts: NDArray[np.int64], degree: int, conformity: float, utilities: Floats
) -> None:
    for index, count in enumerate(counts.tolist()):
        if degree:
            utilities[index] += conformity * (count / degree - 1 / utilities.size)


def _availability(availability: Floats, utilities: Floats) -> None:
    left = [index for index, share in enumerate(availability.tolist()) if share > 0]
    for index in left:
        if availability[index] < 1:
            utilities[index] += math.log(availability[index])
    if left:
        worst = min(float(utilities[index]) for index in left)
        for index in set(range(utilities.size)) - set(left):
            utilities[index] = worst - 1000


def _logit_choice(utilities: Floats, fine_draw: float) -> int:
    values: list[float] = utilities.tolist()
    weights = [math.exp(value - max(values)) for value in values]
    target, cumulated = fine_draw * sum(weights), 0.0
    for position, weight in enumerate(weights):
        cumulated += weight
        if target < cumulated:
            return position
    return len(weights) - 1


EQUATIONS: Mapping[str, Callable[..., Any]] = {
    "replacement": _replacement,
    "logit_utility": _logit_utility,
    "media": _media,
    "loss_aversion": _loss_aversion,
    "conformity": _conformity,
    "availability": _availability,
    "logit_choice": _logit_choice,
}
