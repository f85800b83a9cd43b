"""Random small societies of adoption and contagion, with event scripts of every kind."""

from dataclasses import replace
from typing import get_args

import numpy as np

import agentverse_engine as av
from agentverse_engine.inputs.events import Comparison, Hold, Operation, ProfileKind
from societies import ANYTHING

PACKS = (
    av.packs.adoption(),
    av.packs.adoption(mechanism="threshold", ticks_per_year=4),
    av.packs.adoption(mechanism="complex", ticks_per_year=2),
    av.packs.contagion(),
    av.packs.contagion(course="sis"),
)
COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
HOLDS: tuple[Hold, ...] = get_args(Hold)
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
KINDS: tuple[ProfileKind, ...] = get_args(ProfileKind)
WHOLE_KINDS: tuple[ProfileKind, ...] = ("step", "instantaneous", "pulse")


def random_scenario(seed: int) -> av.Scenario:
    """Draw a scenario of 1 to 40 personas, 1 to 7 ticks, 1 to 6 replicates."""
    draw = np.random.default_rng(seed)
    pack = PACKS[seed % len(PACKS)]
    size = int(draw.integers(1, 41))
    population = _population(draw, pack, size)
    pairs = np.stack(np.triu_indices(size, k=1), axis=1)
    edges = pairs[draw.random(len(pairs)) < draw.choice([0.1, 0.3, 1.0])]
    scenario = av.Scenario(
        population=population,
        network=av.network_from_edges(size, edges),
        pack=pack,
        variables=_livelier(draw, pack),
        horizon=int(draw.integers(1, 8)),
        replicates=int(draw.integers(1, 7)),
        seed=int(draw.integers(2**63)),
        social_rules=bool(draw.random() < 0.9),
        allow=ANYTHING,
    )
    scripts = [_script(draw, scenario) for _ in range(draw.integers(0, 6))]
    if len(scripts) > 1 and draw.random() < 0.5:
        scripts[:2] = av.bundled("both", scripts[:2], probability=0.5)
    return scenario.branch(scripts)


def _population(draw: np.random.Generator, pack: av.Pack, size: int) -> av.Population:
    segments, regions = int(draw.integers(1, 4)), int(draw.integers(1, 3))
    population = av.Population(
        segments=tuple(f"s{label}" for label in range(segments)),
        regions=tuple(f"r{label}" for label in range(regions)),
        segment=draw.integers(0, segments, size).astype(np.int16),
        region=draw.integers(0, regions, size).astype(np.int16),
        attributes={"age": draw.integers(18, 90, size).astype(np.float64)},
        choice=np.zeros(size, dtype=np.uint8),
        ids=draw.choice(2**32, size, replace=False).astype(np.uint32),
    )
    shares = draw.dirichlet(np.ones(len(pack.alternatives)))
    return av.packs.completed(
        population,
        pack,
        seed=int(draw.integers(2**63)),
        shares=dict(zip(pack.alternatives, shares.tolist(), strict=True)),
    )


def _livelier(draw: np.random.Generator, pack: av.Pack) -> tuple[av.Variable, ...]:
    """Half of the defaults lie anywhere in their bounds: something happens within few ticks."""
    return tuple(
        variable
        if variable.kind == "attribute" or draw.random() < 0.5
        else replace(variable, default=_near(draw, variable))
        for variable in pack.variables
    )


def _near(draw: np.random.Generator, variable: av.Variable) -> float:
    top = min(variable.maximum, 4.0 * max(variable.default or 0.0, 1.0))
    return float(draw.uniform(variable.minimum, top))


def _script(draw: np.random.Generator, scenario: av.Scenario) -> av.EventScript:
    variable = scenario.variables[draw.integers(len(scenario.variables))]
    operation = OPERATIONS[draw.integers(len(OPERATIONS))]
    width = variable.maximum - variable.minimum
    value = {
        "add": draw.uniform(-0.5, 0.5) * width,
        "multiply": draw.uniform(0, 2),
    }.get(operation, draw.uniform(variable.minimum, variable.maximum))
    return av.EventScript(
        variable=variable.name,
        operation=operation,
        value=float(value),
        scope=_scope(draw, scenario),
        intensity=_intensity(draw, operation),
        probability=float(draw.choice([1.0, 0.5, 0.0], p=[0.7, 0.2, 0.1])),
        condition=_condition(draw, scenario) if draw.random() < 0.4 else None,
    )


def _scope(draw: np.random.Generator, scenario: av.Scenario) -> av.Scope:
    population, horizon = scenario.population, scenario.horizon
    start = int(draw.integers(0, horizon + 1))
    few = population.ids[: draw.integers(1, 4)].tolist()
    comparison = COMPARISONS[draw.integers(len(COMPARISONS))]
    older = av.Where(attribute="age", comparison=comparison, value=float(draw.integers(18, 90)))
    return av.Scope(
        regions=population.regions[:1] if draw.random() < 0.3 else (),
        segments=population.segments[-1:] if draw.random() < 0.3 else (),
        start_tick=start,
        end_tick=int(draw.integers(start, horizon + 1)) if draw.random() < 0.4 else None,
        personas=tuple(few) if draw.random() < 0.2 else (),
        where=(older,) if draw.random() < 0.3 else (),
    )


def _intensity(draw: np.random.Generator, operation: Operation) -> av.IntensityProfile:
    kinds = WHOLE_KINDS if operation in ("min", "max") else KINDS
    kind = kinds[draw.integers(len(kinds))]
    return av.IntensityProfile(
        kind=kind,
        duration_ticks=2 if kind in ("linear_decay", "pulse") else None,
        half_life_ticks=1.5 if kind == "exponential_decay" else None,
        lag_ticks=3 if kind == "lagged" else None,
        values=(0.25, 1.0, 0.5) if kind == "custom" else (),
    )


def _condition(draw: np.random.Generator, scenario: av.Scenario) -> av.Condition:
    alternatives = scenario.pack.alternatives
    return av.Condition(
        outcome=alternatives[draw.integers(len(alternatives))],
        comparison=COMPARISONS[draw.integers(len(COMPARISONS))],
        value=float(draw.uniform(0.1, 0.9)),
        hold=HOLDS[draw.integers(len(HOLDS))],
    )
