"""Independent reimplementation of the rules of opinion, media and votes, for tests."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _blend(share: float, one: float, other: float) -> float:
    return share * one + (1 - share) * other


def _anchoring(opinion: float, start_opinion: float, susceptibility: float) -> float:
    return _blend(susceptibility, opinion, start_opinion)


def _friedkin_johnsen(
    opinion: float, start_opinion: float, mean_opinion: float, degree: int, susceptibility: float
) -> float:
    return _blend(susceptibility, mean_opinion if degree else opinion, start_opinion)


def _confirmation_bias(
    opinion: float,
    start_opinion: float,
    mean_opinion: float,
    degree: int,
    count_opposed: int,
    mean_opposed_opinion: float,
    susceptibility: float,
    confirmation_bias: float,
) -> float:
    if not degree:
        return _blend(susceptibility, opinion, start_opinion)
    if not count_opposed:
        return _blend(susceptibility, mean_opinion, start_opinion)
    # A weighted mean spelled out: weight 1 for those on one's side, 1 - c for the others.
    others = count_opposed * mean_opposed_opinion
    total = degree * mean_opinion - others + (1 - confirmation_bias) * others
    weights = degree - count_opposed + (1 - confirmation_bias) * count_opposed
    return _blend(susceptibility, total / weights, start_opinion)


def _degroot(opinion: float, mean_opinion: float, degree: int, self_weight: float) -> float:
    return _blend(self_weight, opinion, mean_opinion) if degree else opinion


def _deffuant_weisbuch(
    opinion: float,
    partner_opinion: float,
    met: bool,
    confidence_bound: float,
    convergence_rate: float,
) -> float:
    gap = partner_opinion - opinion
    if not met or abs(gap) >= confidence_bound:
        return opinion
    steps = int(abs(gap) * convergence_rate * 2**24)
    return opinion + math.copysign(steps / 2**24, gap)


def _hegselmann_krause(opinion: float, count_trusted: int, mean_trusted_opinion: float) -> float:
    return (count_trusted * mean_trusted_opinion + opinion) / (count_trusted + 1)


def _biased_assimilation(
    opinion: float, mean_opinion: float, degree: int, assimilation_bias: float, own_weight: float
) -> float:
    if not degree:
        return opinion
    support = mean_opinion * degree
    agreeing = opinion**assimilation_bias * support
    differing = (1 - opinion) ** assimilation_bias * (degree - support)
    return (agreeing + own_weight * opinion) / (agreeing + differing + own_weight)


def _voter(peer_choice: int) -> int:
    return peer_choice


def _agenda_setting(
    salience: float,
    coverage: float,
    media_use: float,
    agenda_effect: float,
    salience_decay: float,
) -> float:
    learned = media_use * coverage * agenda_effect
    return min(salience - salience_decay * salience + learned, 1.0)


def _media_exposure(
    exposure: float,
    campaign_for: float,
    campaign_against: float,
    media_use: float,
    exposure_memory: float,
) -> float:
    return (campaign_for - campaign_against) * media_use + exposure * exposure_memory


def _media_habituation(
    receptivity: float,
    campaign_for: float,
    campaign_against: float,
    media_use: float,
    contact_half_saturation: float,
    habituation_speed: float,
    habituation_recovery: float,
) -> float:
    contacts = (campaign_for + campaign_against) * media_use
    stimulus = contacts / (contacts + contact_half_saturation)
    gained = habituation_speed * habituation_recovery * (1 - receptivity)
    moved = receptivity + gained - habituation_speed * stimulus
    return sorted((0.0, moved, 1.0))[1]


def _media_persuasion(
    new_opinion: float,
    new_exposure: float,
    receptivity: float,
    persuasion_rate: float,
    contact_half_saturation: float,
) -> float:
    size = abs(new_exposure)
    share = persuasion_rate * receptivity * size / (size + contact_half_saturation)
    end = 1.0 if new_exposure > 0 else 0.0
    return new_opinion + share * (end - new_opinion)


def _stance(new_opinion: float, cut_points: Floats) -> int:
    return sum(point <= new_opinion for point in cut_points.tolist())


def _party_appeal(appeal: Floats, utilities: Floats) -> None:
    utilities[:] = appeal


def _party_proximity(
    new_opinion: float,
    new_salience: float,
    positions: Floats,
    issue_weight: float,
    utilities: Floats,
) -> None:
    for party, position in enumerate(positions.tolist()):
        utilities[party] += (1 - abs(position - new_opinion)) * issue_weight * new_salience


def _vote_habit(choice: int, vote_habit: float, utilities: Floats) -> None:
    utilities[choice] += vote_habit


EQUATIONS: Mapping[str, Callable[..., Any]] = {
    "anchoring": _anchoring,
    "friedkin_johnsen": _friedkin_johnsen,
    "confirmation_bias_pull": _confirmation_bias,
    "degroot": _degroot,
    "deffuant_weisbuch": _deffuant_weisbuch,
    "hegselmann_krause": _hegselmann_krause,
    "biased_assimilation": _biased_assimilation,
    "voter": _voter,
    "agenda_setting": _agenda_setting,
    "media_exposure": _media_exposure,
    "media_habituation": _media_habituation,
    "media_persuasion": _media_persuasion,
    "stance": _stance,
    "party_appeal": _party_appeal,
    "party_proximity": _party_proximity,
    "vote_habit": _vote_habit,
}
