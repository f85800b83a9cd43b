"""Starts that rest: what was observed is where the rules leave people, until something happens.

A survey says what people think today, among the neighbours that they have today. Where rules would
move them from it at once, the movement comes from numbers that nobody observed. So these give way:
people hold to what, with their neighbours, leads to the opinion that they were found with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.inputs.population import Population
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.networks import Network
from agentverse_engine.packs.pack import Level, Pack
from agentverse_engine.rules import AGENDA_SETTING, CONFIRMATION_BIAS, FRIEDKIN_JOHNSEN
from agentverse_engine.rules.friedkin_johnsen import MIDDLE

Floats = NDArray[np.float64]
ANCHORED = frozenset({FRIEDKIN_JOHNSEN.name, CONFIRMATION_BIAS.name})
HELD = "start_opinion"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestingStart:
    """A population that its rules leave as it is, and what gave way for it.

    lowered: share of the personas whose susceptibility is less than assumed, 0 to 1; assumed,
    allowed: its mean before and after, 0 to 1 (all 0 where no opinions are anchored).
    """

    population: Population
    lowered: float = 0.0
    assumed: float = 0.0
    allowed: float = 0.0


def at_rest(
    population: Population,
    network: Network,
    pack: Pack,
    *,
    variables: Sequence[Variable],
    social_rules: bool = True,
) -> RestingStart:
    """Return the completed population, started so that opinions and salience rest.

    Salience starts where news at their usual level hold it, unless the population has it. Anchored
    opinions (Friedkin & Johnsen 1990) start as they are, and people hold to
    (I - L)^-1 (x - L W x), from 0 to 1: who thinks otherwise than the neighbours, near an end of
    the scale, can listen to them only so much, so that susceptibility is lowered to the largest
    value with which such an anchor exists. Without social_rules everybody holds to x; whom they
    would listen to is lowered alike, so that both runs are of the same people. Averaging and
    influence among the like-minded rest only in agreement or in camps: they are left as they are
    (`start_drift` says how far they move). variables: the scenario's registry, whose defaults are
    what holds while nothing happens.
    """
    given = {item.name: item.default for item in variables if item.default is not None}
    rules = {rule.name for rule in pack.rules}
    rested = population
    if AGENDA_SETTING.name in rules and "salience" not in population.attributes:
        rested = _with(rested, salience=_held_salience(rested, pack, given))
    if rules.isdisjoint(ANCHORED) or HELD in population.attributes:
        return RestingStart(population=rested)
    bias = given["confirmation_bias"] if CONFIRMATION_BIAS.name in rules else 0.0
    return _anchored(rested, network, pack.levels[pack.level("opinion")], bias, social_rules)


def _with(population: Population, **columns: Floats) -> Population:
    return replace(population, attributes={**population.attributes, **columns})


def _held_salience(people: Population, pack: Pack, given: Mapping[str, float]) -> Floats:
    """Where what is learned from the news is what is forgotten; full where nothing ever is."""
    learned = given["agenda_effect"] * given["coverage"] * people.attributes["media_use"]
    decay = given["salience_decay"]
    if decay == 0.0:
        return np.where(learned > 0.0, 1.0, pack.levels[pack.level("salience")].default)
    return np.minimum(1.0, learned / decay)


def _anchored(
    population: Population, network: Network, level: Level, bias: float, social_rules: bool
) -> RestingStart:
    opinion = level.stored(population.attributes["opinion"]) / level.per_unit
    received = _received(opinion, network, bias)
    assumed = population.attributes["susceptibility"]
    allowed = np.minimum(assumed, _most_susceptible(opinion, received))
    rested = _with(population, susceptibility=allowed)
    if social_rules:
        rested = _with(rested, start_opinion=_anchor(opinion, received, allowed))
    return RestingStart(
        population=rested,
        lowered=float((allowed < assumed).mean()),
        assumed=float(assumed.mean()),
        allowed=float(allowed.mean()),
    )


def _received(opinion: Floats, network: Network, bias: float) -> Floats:
    """Return float64[n], what each hears: the neighbours' mean, those across the middle counting
    1 - bias; of somebody without neighbours its own opinion."""
    listener = np.repeat(np.arange(len(network)), network.degrees())
    theirs = opinion[network.indices]
    across = (opinion[listener] - MIDDLE) * (theirs - MIDDLE) < 0.0
    weights = np.where(across, 1.0 - bias, 1.0)
    total = np.bincount(listener, weights, len(network))
    summed = np.bincount(listener, weights * theirs, len(network))
    return np.where(total > 0.0, summed / np.where(total > 0.0, total, 1.0), opinion)


def _most_susceptible(opinion: Floats, received: Floats) -> Floats:
    """The largest susceptibility with which an anchor from 0 to 1 leads to the opinion."""
    above, below = opinion > received, opinion < received
    most = np.ones_like(opinion)
    most[above] = (1.0 - opinion[above]) / (1.0 - received[above])
    most[below] = opinion[below] / received[below]
    return most


def _anchor(opinion: Floats, received: Floats, susceptibility: Floats) -> Floats:
    own = 1.0 - susceptibility
    held = (opinion - susceptibility * received) / np.where(own > 0.0, own, 1.0)
    return np.clip(np.where(own > 0.0, held, opinion), 0.0, 1.0)
