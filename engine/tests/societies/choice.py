"""Random small societies that choose: with and without advertising, nests, prospects, wear-out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import get_args

import numpy as np

import agentverse_engine as av
from agentverse_engine.inputs.events import Comparison, Hold, Operation, ProfileKind
from agentverse_engine.rules import Nest
from societies import ANYTHING

ALTERNATIVES = tuple("abcde")
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
KINDS: tuple[ProfileKind, ...] = get_args(ProfileKind)
COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
HOLDS: tuple[Hold, ...] = get_args(Hold)
WHOLE_KINDS: tuple[ProfileKind, ...] = ("step", "instantaneous", "pulse")
Flags = Mapping[str, bool]
PLAIN: Flags = MappingProxyType({})
UNCHANGED: Mapping[str, float] = MappingProxyType({})
SHAPES: tuple[Flags, ...] = (
    {},
    {"media": True},
    {"prospect": True, "removable": True},
    {"media": True, "wearout": True},
)


def random_scenario(seed: int) -> av.Scenario:
    """Draw a scenario of 1 to 39 personas, 1 to 6 ticks, 1 to 6 replicates; four kernels in all."""
    draw = np.random.default_rng([1, seed])
    flags = SHAPES[seed % len(SHAPES)]
    model = _random_model(draw)
    names = [name for row in model.attribute_names() for name in row]
    population = random_people(draw, alternatives=len(model.alternatives))
    columns = {name: draw.uniform(-3, 3, len(population)) for name in names}
    attributes = {**population.attributes, **columns}
    scenario = av.Scenario(
        population=replace(population, attributes=attributes),
        network=random_network(draw, len(population)),
        pack=av.consumer_choice(
            model, nests=_random_nests(draw, model) if "prospect" in flags else (), **flags
        ),
        variables=random_defaults(draw, registry(model, **flags)),
        horizon=int(draw.integers(1, 7)),
        replicates=int(draw.integers(1, 7)),
        seed=int(draw.integers(2**63)),
        social_rules=bool(draw.random() < 0.8),
        allow=ANYTHING,
    )
    return scenario.branch(random_scripts(draw, scenario))


def registry(
    model: av.ChoiceModel,
    *,
    media: bool = False,
    prospect: bool = False,
    wearout: bool = False,
    removable: bool = False,
) -> tuple[av.Variable, ...]:
    """Return the registry of consumer_choice with attributes from -20 to 20 USD."""
    return av.consumer_choice_variables(
        model,
        attribute_ranges=dict.fromkeys(model.coefficients, (-20.0, 20.0)),
        family_labels={family: family for family in model.coefficients},
        family_units=dict.fromkeys(model.coefficients, "USD"),
        alternative_labels={name: name for name in model.alternatives},
        attribute_source="drawn for a test",
        media=media,
        prospect=prospect,
        wearout=wearout,
        removable=removable,
    )


def deciders(
    size: int,
    model: av.ChoiceModel,
    *,
    nests: tuple[Nest, ...] = (),
    costs: Sequence[float] = (),
    event_scripts: tuple[av.EventScript, ...] = (),
    horizon: int = 6,
    replicates: int = 4,
    social_rules: bool = False,
    flags: Flags = PLAIN,
    defaults: Mapping[str, float] = UNCHANGED,
) -> av.Scenario:
    """Make a society whose people all see the same costs and start evenly spread."""
    rows, names = np.arange(size), model.alternatives
    population = av.Population(
        segments=("all",),
        regions=("all",),
        segment=np.zeros(size, dtype=np.int16),
        region=np.zeros(size, dtype=np.int16),
        attributes={
            f"cost.{name}": np.full(size, float(cost))
            for name, cost in zip(names, costs, strict=bool(costs))
        },
        choice=(rows % len(names)).astype(np.uint8),
    )
    groups = {"all": population.region}
    return av.Scenario(
        population=population,
        network=av.homophilous_network(groups, mean_degree=6, odds_ratios={}, seed=1),
        pack=av.consumer_choice(model, nests=nests, **flags),
        variables=tuple(
            replace(variable, default=defaults.get(variable.name, variable.default))
            for variable in registry(model, **flags)
        ),
        event_scripts=event_scripts,
        horizon=horizon,
        replicates=replicates,
        social_rules=social_rules,
        allow=("isolated_personas",),
    )


def random_people(draw: np.random.Generator, *, alternatives: int) -> av.Population:
    """Draw 1 to 39 people with an age, which no rule reads."""
    size = int(draw.integers(1, 40))
    segments, regions = int(draw.integers(1, 4)), int(draw.integers(1, 4))
    return av.Population(
        segments=tuple(f"s{label}" for label in range(segments)),
        regions=tuple(f"r{label}" for label in range(regions)),
        segment=draw.integers(0, segments, size).astype(np.int16),
        region=draw.integers(0, regions, size).astype(np.int16),
        attributes={"age": draw.uniform(18, 90, size)},
        choice=draw.integers(0, alternatives, size).astype(np.uint8),
        ids=draw.choice(2**32, size, replace=False).astype(np.uint32),
    )


def random_network(draw: np.random.Generator, size: int) -> av.Network:
    """Draw each pair with a probability of 0.15."""
    pairs = np.stack(np.triu_indices(size, k=1), axis=1)
    return av.network_from_edges(size, pairs[draw.random(len(pairs)) < 0.15])


def random_defaults(
    draw: np.random.Generator, variables: tuple[av.Variable, ...]
) -> tuple[av.Variable, ...]:
    """Move half of the parameters a tenth of the way to a value anywhere in their range."""
    moved = list(variables)
    for place, variable in enumerate(variables):
        if variable.default is not None and draw.random() < 0.5:
            aim = draw.uniform(variable.minimum, variable.maximum)
            moved[place] = replace(variable, default=0.9 * variable.default + 0.1 * aim)
    return tuple(moved)


def random_scripts(draw: np.random.Generator, scenario: av.Scenario) -> list[av.EventScript]:
    """Draw up to five scripts of every kind; the first two may be a bundle."""
    scripts = [_random_script(draw, scenario) for _ in range(draw.integers(0, 6))]
    if len(scripts) > 1 and draw.random() < 0.5:
        scripts[:2] = av.bundled("both", scripts[:2], probability=0.5)
    return scripts


def _random_model(draw: np.random.Generator) -> av.ChoiceModel:
    count = int(draw.integers(2, 6))
    return av.ChoiceModel(
        alternatives=ALTERNATIVES[:count],
        coefficients={f"f{family}": draw.normal() for family in range(draw.integers(0, 3))},
        constants={name: draw.normal() for name in ALTERNATIVES[: count - 1]},
    )


def _random_nests(draw: np.random.Generator, model: av.ChoiceModel) -> tuple[Nest, ...]:
    names, cut = model.alternatives, int(draw.integers(1, len(model.alternatives)))
    return (
        Nest(alternatives=names[:cut], dissimilarity=draw.uniform(0.05, 1.0)),
        Nest(alternatives=names[cut + 1 :], dissimilarity=float(draw.choice([0.5, 1.0]))),
    )


def _random_script(draw: np.random.Generator, scenario: av.Scenario) -> av.EventScript:
    variable = scenario.variables[draw.integers(len(scenario.variables))]
    operation = OPERATIONS[draw.integers(len(OPERATIONS))]
    width = variable.maximum - variable.minimum
    value = {
        "add": draw.uniform(-0.5, 0.5) * width,
        "multiply": draw.uniform(0, 2),
    }.get(operation, draw.uniform(variable.minimum, variable.maximum))
    if variable.family == "availability":  # the last one stays, so that there is a choice
        operation, value = "set", float(variable.alternative == scenario.pack.alternatives[-1])
    kinds = WHOLE_KINDS if operation in ("min", "max") else KINDS
    return av.EventScript(
        variable=variable.name,
        operation=operation,
        value=float(value),
        scope=_random_scope(draw, scenario),
        intensity=_random_profile(draw, kinds[draw.integers(len(kinds))]),
        probability=float(draw.choice([1.0, 0.5, 0.0], p=[0.6, 0.3, 0.1])),
        condition=_random_condition(draw, scenario) if draw.random() < 0.3 else None,
    )


def _random_scope(draw: np.random.Generator, scenario: av.Scenario) -> av.Scope:
    population, horizon = scenario.population, scenario.horizon
    start = int(draw.integers(0, horizon + 1))
    someone = draw.choice(population.ids, min(3, len(population)), replace=False)
    older = av.Where(
        attribute="age",
        comparison=COMPARISONS[draw.integers(len(COMPARISONS))],
        value=draw.uniform(18, 90),
    )
    return av.Scope(
        regions=population.regions[:1] if draw.random() < 0.3 else (),
        segments=population.segments[-1:] if draw.random() < 0.3 else (),
        start_tick=start,
        end_tick=int(draw.integers(start, horizon + 1)) if draw.random() < 0.5 else None,
        personas=tuple(someone.tolist()) if draw.random() < 0.2 else (),
        where=(older,) if draw.random() < 0.3 else (),
    )


def _random_profile(draw: np.random.Generator, kind: ProfileKind) -> av.IntensityProfile:
    return av.IntensityProfile(
        kind=kind,
        duration_ticks=int(draw.integers(1, 4)) if kind in ("linear_decay", "pulse") else None,
        half_life_ticks=draw.uniform(0.5, 3) if kind == "exponential_decay" else None,
        lag_ticks=int(draw.integers(1, 4)) if kind == "lagged" else None,
        values=tuple(draw.random(3).tolist()) if kind == "custom" else (),
    )


def _random_condition(draw: np.random.Generator, scenario: av.Scenario) -> av.Condition:
    pack = scenario.pack
    levels = {level.name: level for level in pack.levels}
    names = (*pack.alternatives, *levels)
    outcome = names[draw.integers(len(names))]
    level = levels.get(outcome)
    value = (
        draw.random()
        if level is None
        else np.clip(level.default * draw.uniform(0.8, 1.2), level.minimum, level.maximum)
    )
    return av.Condition(
        outcome=outcome,
        comparison=COMPARISONS[draw.integers(len(COMPARISONS))],
        value=float(value),
        hold=HOLDS[draw.integers(len(HOLDS))],
    )
