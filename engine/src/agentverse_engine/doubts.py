"""What is allowed but seldom meant: people without neighbours, groups and scripts without people.

A run defines all of it (no pull of neighbours, no share of nobody), so only `strict` refuses it.
"""

import numpy as np

from agentverse_engine.effects import groups_of
from agentverse_engine.errors import EngineError, NetworkError, PopulationError, ScriptError
from agentverse_engine.scenario import Scenario


def doubts(scenario: Scenario) -> tuple[EngineError, ...]:
    """Return a typed error for each doubtful part of a scenario, without raising any."""
    return (*_isolated(scenario), *_empty_groups(scenario), *_idle_scripts(scenario))


def refuse_doubts(scenario: Scenario) -> None:
    """Raise the first doubt: a NetworkError, PopulationError or ScriptError."""
    for doubt in doubts(scenario):
        raise doubt


def _isolated(scenario: Scenario) -> list[EngineError]:
    alone = np.flatnonzero(scenario.network.degrees() == 0)
    if not alone.size:
        return []
    return [
        NetworkError(
            f"leaves {alone.size} of {len(scenario.population)} personas without a neighbour, "
            f"the first in row {alone[0]}; social rules pass them by.",
            field="network",
            fix="Raise the mean degree, link these rows, or run without strict.",
        )
    ]


def _empty_groups(scenario: Scenario) -> list[EngineError]:
    population = scenario.population
    found: list[EngineError] = []
    for field, labels, codes in (
        ("segments", population.segments, population.segment),
        ("regions", population.regions, population.region),
    ):
        counts = np.bincount(codes, minlength=len(labels))
        empty = [label for label, count in zip(labels, counts.tolist(), strict=True) if not count]
        if empty:
            found.append(
                PopulationError(
                    f"hold nobody in {', '.join(empty)}, so there is no share of them.",
                    field=field,
                    fix="Leave these labels out, or give them personas.",
                )
            )
    return found


def _idle_scripts(scenario: Scenario) -> list[EngineError]:
    groups, _, inside = groups_of(scenario)
    people = np.bincount(groups, minlength=inside.shape[1] if inside.size else 0)
    return [
        ScriptError(
            "reaches nobody of this population.",
            field=f"event_scripts[{position}].scope",
            fix="Widen the scope, or leave the script out.",
        )
        for position in range(len(scenario.event_scripts))
        if not people[inside[position]].sum()
    ]
