"""Checks of a scenario for what is defined but seldom meant, such as groups without personas.

The rules say what becomes of each (no pull of neighbours, no share of nobody), but a reader of the
result would not see it. So a run refuses them, unless the scenario's `allow` says they are meant.
"""

from collections.abc import Callable, Mapping

import numpy as np

from agentverse_engine.effects.scope_masks import scope_masks
from agentverse_engine.errors import EngineError, NetworkError, PopulationError, ScriptError
from agentverse_engine.scenario.scenario import PlausibilityCheck, Scenario


def plausibility_checks(scenario: Scenario) -> tuple[EngineError, ...]:
    """Return a typed error for each check that a scenario fails, allowed or not; raise none."""
    return tuple(failure for find in _CHECKS.values() for failure in find(scenario))


def check_plausibility(scenario: Scenario) -> None:
    """Raise the error of the first check that fails and that the scenario does not allow to fail.

    A NetworkError, PopulationError or ScriptError.
    """
    for name, find in _CHECKS.items():
        if name not in scenario.allow:
            for failure in find(scenario):
                raise failure


def _isolated(scenario: Scenario) -> list[EngineError]:
    alone = np.flatnonzero(scenario.network.degrees() == 0)
    if not alone.size:
        return []
    return [
        NetworkError(
            f"leaves {alone.size} of {len(scenario.population)} personas without a neighbour, "
            f"the first in row {alone[0]}; social rules pass them by.",
            field="network",
            fix=f"Raise the mean degree, link these rows, or {_allowing('isolated_personas')}",
        )
    ]


def _empty_groups(scenario: Scenario) -> list[EngineError]:
    population = scenario.population
    failures: list[EngineError] = []
    for field, labels, codes in (
        ("segments", population.segments, population.segment),
        ("regions", population.regions, population.region),
    ):
        counts = np.bincount(codes, minlength=len(labels))
        empty = [label for label, count in zip(labels, counts.tolist(), strict=True) if not count]
        if empty:
            failures.append(
                PopulationError(
                    f"hold nobody in {', '.join(empty)}, so there is no share of them.",
                    field=field,
                    fix=f"Leave out or fill these labels, or {_allowing('empty_groups')}",
                )
            )
    return failures


def _idle_scripts(scenario: Scenario) -> list[EngineError]:
    masks = scope_masks(scenario)
    people = np.bincount(masks.groups, minlength=masks.cell_of.size)
    return [
        ScriptError(
            f"of a script on '{script.variable}' reaches nobody of this population.",
            field=f"event_scripts[{position}].scope",
            fix=f"Widen the scope, leave the script out, or {_allowing('idle_scripts')}",
        )
        for position, script in enumerate(scenario.event_scripts)
        if not people[masks.inside[position]].sum()
    ]


def _allowing(name: PlausibilityCheck) -> str:
    return f'give the scenario allow=("{name}",).'


_CHECKS: Mapping[PlausibilityCheck, Callable[[Scenario], list[EngineError]]] = {
    "isolated_personas": _isolated,
    "empty_groups": _empty_groups,
    "idle_scripts": _idle_scripts,
}
