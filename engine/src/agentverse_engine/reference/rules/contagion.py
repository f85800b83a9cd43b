"""Independent reimplementation of the rules of adoption and contagion, for tests."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _marketing(
    price: float,
    price_elasticity: float,
    advertising: float,
    advertising_effect: float,
    advertising_half_saturation: float,
    utilities: Floats,
) -> None:
    saturation = advertising / (advertising_half_saturation + advertising)
    utilities[0] = (1 + advertising_effect * saturation) / price**price_elasticity


def _innovation_hazard(innovation: float, utilities: Floats) -> None:
    utilities[1] = innovation


def _imitation_hazard(imitation: float, share_adopted: float, utilities: Floats) -> None:
    utilities[1] = utilities[1] + imitation * share_adopted


def _marketing_effort(utilities: Floats) -> None:
    utilities[1] = utilities[1] * utilities[0]


def _adoption(new_choice: int, utilities: Floats, tick_years: float, draw: float) -> int:
    return int(new_choice == 1 or draw < -math.expm1(-float(utilities[1]) * tick_years))


def _abandonment(
    choice: int, new_choice: int, abandonment: float, tick_years: float, draw: float
) -> int:
    gives_up = choice == 1 and draw < -math.expm1(-abandonment * tick_years)
    return 0 if gives_up else new_choice


def _threshold_adoption(new_choice: int, share_adopted: float, threshold: float) -> int:
    return int(new_choice == 1 or share_adopted >= threshold)


def _complex_contagion(
    new_choice: int,
    count_adopted: int,
    first_exposure: float,
    reinforcement: float,
    sources_needed: float,
    draw: float,
) -> int:
    if new_choice == 1 or count_adopted < sources_needed:
        return new_choice
    doubt = 1.0
    for source in range(int(count_adopted)):
        doubt *= 1 - min(1.0, first_exposure * (reinforcement if source else 1.0))
    return int(draw < 1 - doubt)


def _infection(
    choice: int,
    new_choice: int,
    count_infected: int,
    infection_chance: float,
    contact_reduction: float,
    draw: float,
) -> int:
    escape = (1 - infection_chance * (1 - contact_reduction)) ** int(count_infected)
    return 1 if choice == 0 and draw < 1 - escape else new_choice


def _vaccination(choice: int, new_choice: int, vaccination_rate: float, draw: float) -> int:
    return 2 if choice == new_choice == 0 and draw < vaccination_rate else new_choice


def _recovery(choice: int, new_choice: int, recovery_chance: float, draw: float) -> int:
    return 2 if choice == 1 and draw < recovery_chance else new_choice


def _recovery_without_immunity(
    choice: int, new_choice: int, recovery_chance: float, draw: float
) -> int:
    return 0 if choice == 1 and draw < recovery_chance else new_choice


EQUATIONS: Mapping[str, Callable[..., Any]] = {
    "marketing": _marketing,
    "innovation_hazard": _innovation_hazard,
    "imitation_hazard": _imitation_hazard,
    "marketing_effort": _marketing_effort,
    "adoption": _adoption,
    "abandonment": _abandonment,
    "threshold_adoption": _threshold_adoption,
    "complex_contagion": _complex_contagion,
    "infection": _infection,
    "vaccination": _vaccination,
    "recovery": _recovery,
    "recovery_without_immunity": _recovery_without_immunity,
}
