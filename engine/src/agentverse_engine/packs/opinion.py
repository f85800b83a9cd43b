"""The pack `opinion`: people influence each other, campaigns persuade a few, stances follow."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PackError
from agentverse_engine.inputs.population import Population
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.packs.influence import InfluenceName, influence_named
from agentverse_engine.packs.issue import (
    AFTER_INFLUENCE,
    BEFORE_INFLUENCE,
    LEVELS,
    MEDIA_USE,
    SPREADS,
    campaign_variables,
)
from agentverse_engine.packs.pack import Pack
from agentverse_engine.rules import STANCE

STANCES = ("against", "undecided", "for")


def opinion(
    influence: InfluenceName = "friedkin_johnsen", *, cut_points: Sequence[float] = (0.4, 0.6)
) -> Pack:
    """Return the pack in which opinions, 0 to 1, move by one way of influence.

    cut_points: the opinions from which on a persona is undecided, and for. Without campaigns
    only influence moves opinions. PackError: unknown influence, cut points that do not ascend
    within 0 to 1.
    """
    chosen = influence_named(influence)
    variables = (*chosen.variables, MEDIA_USE, *_campaign())
    return Pack(
        name="opinion",
        alternatives=STANCES,
        levels=LEVELS,
        filters=chosen.filters,
        rules=(*BEFORE_INFLUENCE, *chosen.rules, *AFTER_INFLUENCE, STANCE),
        parameters=tuple(item.name for item in variables if item.kind == "parameter"),
        attributes=tuple(item.name for item in variables if item.kind == "attribute"),
        variables=variables,
        constants={"cut_points": _cut_points(cut_points)},
        spreads=SPREADS,
        labels={"against": "against", "undecided": "undecided", "for": "in favour"},
        outcome="for",
    )


def stances(population: Population, pack: Pack) -> Population:
    """Return the population with the stances that its opinions have by the pack's cut points.

    PackError: a pack without cut points, a population without opinions.
    """
    if "cut_points" not in pack.constants:
        raise PackError("has no cut points.", field=pack.name, fix="Use the pack opinion.")
    if "opinion" not in population.attributes:
        raise PackError(
            "is no attribute of the population.", field="opinion", fix="Use packs.completed first."
        )
    level = pack.levels[pack.level("opinion")]
    opinions = level.stored(population.attributes["opinion"]) / level.per_unit
    choice = np.searchsorted(pack.constants["cut_points"], opinions, side="right")
    return replace(population, choice=choice.astype(np.uint8))


def _campaign() -> tuple[Variable, ...]:
    return campaign_variables(
        persuasion_rate=0.01,
        persuasion_source="assumption: a tenth a tick of the 3 to 12 % of a campaign (DellaVigna & "
        "Gentzkow 2010)",
    )


def _cut_points(given: Sequence[float]) -> NDArray[np.float64]:
    points = np.array(given, dtype=np.float64)
    ascending = points.shape == (len(STANCES) - 1,) and bool((np.diff(points) > 0).all())
    if not (ascending and points[0] >= 0.0 and points[-1] <= 1.0):
        raise PackError(
            f"are {', '.join(f'{value:g}' for value in given)}.",
            field="cut_points",
            fix="Give two numbers from 0 to 1, the smaller first.",
        )
    return points
