"""The list of bad input: each is refused by a typed error that names the field and the way out.

What a scenario may allow (nobody around, nobody in a segment) is shown to be defined then.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from societies import ANYTHING
from societies.moods import mood_scenario, moods
from societies.plans import STAGE

import agentverse_engine as av
from agentverse_engine import planning as pl
from agentverse_engine.errors import (
    ContradictionError,
    EngineError,
    ModelError,
    NetworkError,
    PackError,
    PlanError,
    PopulationError,
    RequestError,
    ScenarioError,
    ScriptError,
    VariableError,
)
from agentverse_engine.networks import stochastic_block_network
from agentverse_engine.synthesis import Margin, rake

SIZE = 20
SCENARIO = replace(mood_scenario(SIZE, horizon=5, replicates=2), event_scripts=())
PEOPLE = SCENARIO.population
PULL, PRESS = moods().variables
LEVEL = moods().levels[0]
SCRIPT = av.EventScript(variable="press", operation="add", value=0.1)
CONDITION = av.Condition(outcome="yes", comparison=">", value=0.5)
MODEL = av.ChoiceModel(alternatives=("a", "b"), coefficients={"cost": -1.0}, constants={})
Refused = tuple[str, type[EngineError], str, Callable[[], object]]


def people(**changes: Any) -> av.Population:
    return replace(PEOPLE, **changes)


def having(values: Any) -> av.Population:
    return people(attributes={**PEOPLE.attributes, "income": values})


def mood(value: float, row: int = 3) -> NDArray[np.float64]:
    values = PEOPLE.attributes["mood"].copy()
    values[row] = value
    return values


def starting(value: float) -> av.Scenario:
    return scenario(population=people(attributes={"mood": mood(value), "age": np.ones(SIZE)}))


def scenario(**changes: Any) -> av.Scenario:
    return replace(SCENARIO, **changes)


def scripted(**changes: Any) -> av.Scenario:
    return SCENARIO.branch([replace(SCRIPT, **changes)])


def scoped(**changes: Any) -> av.Scenario:
    return scripted(scope=av.Scope(**changes))


def profiled(kind: Any, **changes: Any) -> av.Scenario:
    return scripted(intensity=av.IntensityProfile(kind=kind, **changes))


def press(**changes: Any) -> av.Scenario:
    return scenario(variables=(PULL, replace(PRESS, **changes)))


def reading_age(*variables: av.Variable) -> av.Scenario:
    pack = replace(moods(), attributes=("age",), variables=variables)
    return scenario(pack=pack, variables=variables)


def pack(**changes: Any) -> av.Scenario:
    return scenario(pack=replace(moods(), **changes))


def network(indptr: Any, indices: Any) -> av.Network:
    return av.Network(indptr=indptr, indices=indices)


def edges(*pairs: Any) -> av.Network:
    return av.network_from_edges(SIZE, np.array(pairs))


def run(**options: Any) -> av.Trajectory:
    return av.simulate_ensemble(SCENARIO, **options)


def plan(**changes: Any) -> pl.Problem:
    given: dict[str, Any] = {
        "scenario": STAGE,
        "actions": (ACT,),
        "goals": (pl.Goal(quantity="x"),),
        "variables": (pl.DecisionVariable(name="x", start=0, minimum=0, maximum=9),),
        "decision_ticks": (1, 2),
    }
    return pl.Problem(**given | changes)


ACT = pl.Action(
    name="act",
    effects=(pl.Effect(changes=(pl.Change(variable="x", operation="add", value=1.0),)),),
)
ROWS = {"sex": np.array(["f", "m", "f"])}
AGE = av.attribute("age", label="age", bounds=(0, 1), source="a test")
AGE_AS_PARAMETER = av.parameter("age", label="age", default=0, bounds=(0, 1), source="a test")

NUMBERS: list[Refused] = [
    ("attribute nan", PopulationError, "income", lambda: having([math.nan] * SIZE)),
    ("attribute inf", PopulationError, "income", lambda: having([math.inf] * SIZE)),
    ("attribute absent", PopulationError, "income", lambda: having([None] * SIZE)),
    ("attribute of words", PopulationError, "income", lambda: having(["high"] * SIZE)),
    ("attribute of digits", PopulationError, "income", lambda: having(["1"] * SIZE)),
    ("attribute complex", PopulationError, "income", lambda: having([1j] * SIZE)),
    ("attribute ragged", PopulationError, "income", lambda: having([[1], [1, 2]])),
    ("attribute too large", PopulationError, "income", lambda: having([10**400] * SIZE)),
    ("level nan", PopulationError, "mood", lambda: starting(math.nan)),
    ("default nan", VariableError, "press", lambda: press(default=math.nan)),
    ("default of text", VariableError, "press.default", lambda: press(default="1")),
    ("default True", VariableError, "press.default", lambda: press(default=True)),
    ("bound inf", VariableError, "press", lambda: press(maximum=math.inf)),
    ("inertia of text", VariableError, "press.inertia", lambda: press(inertia="0")),
    ("inertia 1", VariableError, "press.inertia", lambda: press(inertia=1.0)),
    ("constant nan", PackError, "moods.c", lambda: pack(constants={"c": math.nan})),
    ("constant of text", PackError, "moods.c", lambda: pack(constants={"c": "1"})),
    (
        "constants nan",
        PackError,
        "moods.c",
        lambda: pack(constants={"c": np.array([0.0, math.nan])}),
    ),
    (
        "coefficient inf",
        ModelError,
        "cost",
        lambda: replace(MODEL, coefficients={"cost": math.inf}),
    ),
    ("level of text", PackError, "mood.default", lambda: replace(LEVEL, default="a")),
    ("half a step", PackError, "mood.per_unit", lambda: replace(LEVEL, per_unit=1.5)),
    (
        "no step between the bounds",
        PackError,
        "mood.per_unit",
        lambda: replace(LEVEL, minimum=0.001, default=0.002, maximum=0.004, per_unit=100),
    ),
]

UNKNOWN: list[Refused] = [
    ("script's variable", ScriptError, "[0].variable", lambda: scripted(variable="weather")),
    (
        "variable of another pack",
        ScriptError,
        "[0].variable",
        lambda: scripted(variable="conformity"),
    ),
    ("no variable", ScriptError, "[0].variable", lambda: scripted(variable=None)),
    ("operation", ScriptError, "[0].operation", lambda: scripted(operation="divide")),
    (
        "compared attribute",
        ScriptError,
        "[0].scope.where[0].attribute",
        lambda: scoped(where=(av.Where(attribute="height", comparison="<", value=1),)),
    ),
    (
        "watched outcome",
        ScriptError,
        "[0].condition.outcome",
        lambda: scripted(condition=replace(CONDITION, outcome="perhaps")),
    ),
    ("segment", ScriptError, "[0].scope.segments", lambda: scoped(segments=("sea",))),
    ("segment as text", ScriptError, "[0].scope.segments", lambda: scoped(segments="town")),
    ("region", ScriptError, "[0].scope.regions", lambda: scoped(regions=("moon",))),
    ("persona", ScriptError, "[0].scope.personas", lambda: scoped(personas=(0, SIZE))),
    ("half a persona", ScriptError, "[0].scope.personas[0]", lambda: scoped(personas=(1.5,))),
    ("persona below 0", ScriptError, "[0].scope.personas[1]", lambda: scoped(personas=(0, -1))),
    ("persona too large", ScriptError, "[0].scope.personas[0]", lambda: scoped(personas=(2**70,))),
    ("persona True", ScriptError, "[0].scope.personas[0]", lambda: scoped(personas=(True,))),
    ("registered nowhere", VariableError, "press", lambda: scenario(variables=(PULL,))),
    ("registered twice", VariableError, "variables", lambda: scenario(variables=(PULL,) * 2)),
    (
        "parameter as attribute",
        VariableError,
        "age",
        lambda: reading_age(PULL, PRESS, AGE_AS_PARAMETER),
    ),
    (
        "attribute as parameter",
        VariableError,
        "press",
        lambda: scenario(
            population=people(attributes={"press": np.zeros(SIZE)}),
            variables=(PULL, replace(AGE, name="press")),
        ),
    ),
    ("attribute nobody has", ScenarioError, "age", lambda: scenario_without_age()),
    ("no script", ScriptError, "event_scripts[0]", lambda: SCENARIO.branch([None])),  # type: ignore[list-item]
    ("pack's alternative", PackError, "shares", lambda: completed(shares={"maybe": 1.0})),
]


def scenario_without_age() -> av.Scenario:
    found = reading_age(PULL, PRESS, AGE)
    return replace(found, population=people(attributes={}))


def completed(**given: Any) -> av.Population:
    return av.packs.completed(PEOPLE, moods(), seed=1, **given)


OUTSIDE: list[Refused] = [
    ("set outside", ScriptError, "[0].value", lambda: scripted(operation="set", value=1.5)),
    ("add beyond the range", ScriptError, "[0].value", lambda: scripted(value=2.5)),
    ("negative factor", ScriptError, "[0].value", lambda: scripted(operation="multiply", value=-1)),
    ("value nan", ScriptError, "[0].value", lambda: scripted(value=math.nan)),
    ("value of text", ScriptError, "[0].value", lambda: scripted(value="1")),
    ("value True", ScriptError, "[0].value", lambda: scripted(value=True)),
    ("value absent", ScriptError, "[0].value", lambda: scripted(value=None)),
    ("value too large", ScriptError, "[0].value", lambda: scripted(value=10**400)),
    ("factors without end", ScriptError, "[16].value", lambda: multiplied(60)),
    ("probability", ScriptError, "[0].probability", lambda: scripted(probability=1.1)),
    ("probability of text", ScriptError, "[0].probability", lambda: scripted(probability="1")),
    ("level starts outside", ScenarioError, "mood", lambda: starting(1.01)),
    (
        "attribute outside",
        ScenarioError,
        "age",
        lambda: reading_age(PULL, PRESS, replace(AGE, maximum=0.01)),
    ),
    ("default outside", VariableError, "press", lambda: press(default=1.5)),
    ("choice outside", ScenarioError, "population.choice", lambda: choosing(2)),
    ("choice below 0", PopulationError, "choice", lambda: choosing(-1)),
    (
        "compared with nan",
        ScriptError,
        "[0].condition.value",
        lambda: scripted(condition=replace(CONDITION, value=math.nan)),
    ),
    (
        "compared with text",
        ScriptError,
        "[0].scope.where[0].value",
        lambda: scoped(where=(av.Where(attribute="age", comparison="<", value="1"),)),  # type: ignore[arg-type]
    ),
    ("shares not 1", PackError, "shares", lambda: completed(shares={"yes": 0.4})),
    ("share nan", PackError, "shares.yes", lambda: completed(shares={"yes": math.nan})),
    ("share of text", PackError, "shares.yes", lambda: completed(shares={"yes": "1"})),
]


def choosing(code: int) -> av.Scenario:
    return scenario(population=people(choice=np.full(SIZE, code)))


def multiplied(times: int) -> av.Scenario:
    return SCENARIO.branch([replace(SCRIPT, operation="multiply", value=1e6)] * times)


GRAPHS: list[Refused] = [
    ("self-loop", NetworkError, "edges", lambda: edges((0, 1), (3, 3))),
    ("edge twice", NetworkError, "edges", lambda: edges((0, 1), (1, 0))),
    ("edge to nobody", NetworkError, "edges", lambda: edges((0, SIZE))),
    ("edge of fractions", NetworkError, "edges", lambda: edges((0.5, 1.0))),
    ("row of oneself", NetworkError, "indices", lambda: network([0, 1, 2], [0, 0])),
    ("row with one twice", NetworkError, "indices", lambda: network([0, 2, 2], [1, 1])),
    ("row of fractions", NetworkError, "indices", lambda: network([0, 1, 2], [1.5, 0.2])),
    (
        "row that would wrap around",
        NetworkError,
        "indices",
        lambda: network([0, 1, 2], [2**32 + 1, 2**32]),
    ),
    ("rows that end early", NetworkError, "indptr", lambda: network([0, 1, 1], [1, 0])),
    ("rows of nan", NetworkError, "indptr", lambda: network([0, math.nan, 2], [1, 0])),
    ("network of others", ScenarioError, "network", lambda: scenario(network=network([0], []))),
    (
        "group of nobody",
        NetworkError,
        "groups",
        lambda: stochastic_block_network([0, 0, 2], mixing=np.ones((3, 3)), mean_degree=1, seed=1),
    ),
]

COUNTS: list[Refused] = [
    *(
        (f"{name} {value!r}", error, name, lambda name=name, value=value: scenario(**{name: value}))
        for error, name in ((ScenarioError, "horizon"), (ScenarioError, "replicates"))
        for value in (0, -1, 2.5, 2.0, True, "3", None, math.nan, 10**30)
    ),
    *(
        (f"seed {value!r}", RequestError, "seed", lambda value=value: scenario(seed=value))
        for value in (-1, 2**64, 1.5, True, "3", None)
    ),
    *(
        (
            f"{name} {value!r}",
            RequestError,
            name,
            lambda name=name, value=value: run(**{name: value}),
        )
        for name in ("threads", "partitions", "batch", "keyframe_every", "checkpoint_every")
        for value in (0, -1, 1.5, True, "2", math.nan)
    ),
    *(
        (
            f"{name} {value!r}",
            ScriptError,
            f"[0].scope.{name}",
            lambda name=name, value=value: scoped(**{name: value}),
        )
        for name in ("start_tick", "end_tick")
        for value in (-1, 6, 1.5, True, "1", math.nan)
    ),
    *(
        (
            f"{kind} {value!r}",
            ScriptError,
            f"[0].intensity.{name}",
            lambda kind=kind, name=name, value=value: profiled(kind, **{name: value}),
        )
        for kind, name in (
            ("pulse", "duration_ticks"),
            ("linear_decay", "duration_ticks"),
            ("lagged", "lag_ticks"),
        )
        for value in (0, -1, 2.5, True, "2", math.inf)
    ),
    *(
        (
            f"half-life {value!r}",
            ScriptError,
            "[0].intensity.half_life_ticks",
            lambda value=value: profiled("exponential_decay", half_life_ticks=value),
        )
        for value in (0, -1.0, "2", math.inf, None)
    ),
    *(
        (
            f"intensity {value!r}",
            ScriptError,
            "[0].intensity.values[0]",
            lambda value=value: profiled("custom", values=(value,)),
        )
        for value in (1.1, -0.1, math.nan, "1", None, True)
    ),
    ("nobody", PopulationError, "population", lambda: people(choice=np.zeros(0, dtype=int))),
    ("no segment", PopulationError, "segments", lambda: people(segments=())),
    ("segments as text", PopulationError, "segments", lambda: people(segments="ab")),
    ("social rules", ScenarioError, "social_rules", lambda: scenario(social_rules="no")),
]

CONTRADICTIONS: list[Refused] = [
    ("bounds reversed", VariableError, "press", lambda: press(minimum=1.0, maximum=-1.0)),
    (
        "couplings in a circle",
        VariableError,
        "pull.couplings",
        lambda: scenario(variables=(PRESS, replace(PULL, couplings=(coupled("press"),)))),
    ),
    (
        "a bundle of two minds",
        ScriptError,
        "[1].probability",
        lambda: SCENARIO.branch(
            [replace(SCRIPT, bundle="b"), replace(SCRIPT, bundle="b", probability=0.5)]
        ),
    ),
    (
        "start after the end",
        ScriptError,
        "[0].scope.end_tick",
        lambda: scoped(start_tick=3, end_tick=2),
    ),
    (
        "margins that disagree",
        ContradictionError,
        "sex",
        lambda: rake(ROWS, (sexes(2.0), sexes(3.0))),
    ),
    (
        "limits that contradict",
        PlanError,
        "high",
        lambda: plan(constraints=(limit("low", upper=1.0), limit("high", lower=2.0))),
    ),
    ("action that requires itself", PlanError, "act.requires", lambda: requiring("act")),
    ("actions that require each other", PlanError, "act.requires", lambda: requiring("other")),
    ("action that requires nothing known", PlanError, "act.requires", lambda: requiring("third")),
]

KINDS: list[Refused] = [
    ("tick as text", RequestError, "tick", lambda: run().state_at("3")),  # type: ignore[arg-type]
    ("broken tick", RequestError, "tick", lambda: run().state_at(1.5)),  # type: ignore[arg-type]
    ("swept text", VariableError, "pull.default", lambda: swept({"pull": ["a"]})),
    ("swept number", RequestError, "points.pull", lambda: swept({"pull": 1})),
    ("nothing swept", RequestError, "points", lambda: swept(None)),
    ("width as text", RequestError, "half_width", lambda: narrowed("0.1")),
    ("rewiring as text", NetworkError, "rewiring", lambda: rewired("0.1")),
    ("mean degree as text", NetworkError, "mean_degree", lambda: homophilous("4", 1)),
    ("ratio as text", NetworkError, "odds_ratios", lambda: homophilous(4, "1")),
    ("ragged edges", NetworkError, "edges", lambda: av.network_from_edges(3, [[0, 1], [1]])),
]


def swept(points: Any) -> av.Sweep:
    return av.sweep(SCENARIO, points)


def narrowed(half_width: Any) -> av.Narrowed:
    return av.simulate_until(SCENARIO, lambda run: run.shares()[:, -1, 0], half_width=half_width)


def rewired(rewiring: Any) -> av.Network:
    return av.networks.small_world(SIZE, degree=2, rewiring=rewiring, seed=1)


def homophilous(mean_degree: Any, ratio: Any) -> av.Network:
    groups = {"sex": np.arange(SIZE) % 2}
    return av.homophilous_network(
        groups, mean_degree=mean_degree, odds_ratios={"sex": ratio}, seed=1
    )


def coupled(name: str) -> av.Coupling:
    return av.Coupling(variable=name, per_unit=0.5)


def sexes(women: float) -> Margin:
    return Margin(columns=("sex",), targets={"f": women, "m": 1.0})


def limit(name: str, **bounds: float) -> pl.Limit:
    return pl.Limit(name=name, quantity="x", **bounds)  # type: ignore[arg-type]


def requiring(name: str) -> pl.Problem:
    other = replace(ACT, name="other", requires=("act",))
    return plan(actions=(replace(ACT, requires=(name,)), other))


EVERYTHING = [*NUMBERS, *UNKNOWN, *OUTSIDE, *GRAPHS, *COUNTS, *CONTRADICTIONS, *KINDS]


@pytest.mark.parametrize(
    ("error", "field", "make"),
    [one[1:] for one in EVERYTHING],
    ids=[one[0] for one in EVERYTHING],
)
def test_bad_input_is_refused_with_its_field_and_the_way_out(
    error: type[EngineError], field: str, make: Callable[[], object]
) -> None:
    with pytest.raises(EngineError) as caught:
        make()
    assert type(caught.value) is error
    named = f"event_scripts{field}" if field.startswith("[") else field
    assert caught.value.field == named
    assert caught.value.fix.endswith(".")


def test_what_is_refused_leaves_no_half_made_scenario() -> None:
    """A branch that cannot be made leaves its parent as it was."""
    before = SCENARIO.digest, SCENARIO.event_scripts
    with pytest.raises(ScriptError):
        scripted(variable="weather")
    assert (SCENARIO.digest, SCENARIO.event_scripts) == before


def test_numbers_of_numpy_are_the_numbers_of_python() -> None:
    """They come out of data frames; a scenario of them is the same scenario."""
    plain = scenario(horizon=4, seed=3, replicates=2).branch(
        [
            replace(
                SCRIPT,
                value=0.5,
                scope=av.Scope(
                    start_tick=1,
                    personas=(1, 2),
                    where=(av.Where(attribute="age", comparison="<", value=0.5),),
                ),
            )
        ]
    )
    counted = scenario(
        horizon=np.int64(4), seed=np.uint64(3), replicates=np.int32(2), social_rules=np.bool_(True)
    ).branch(
        [
            replace(
                SCRIPT,
                value=np.float32(0.5),
                scope=av.Scope(
                    start_tick=np.int64(1),  # type: ignore[arg-type]
                    personas=tuple(np.array([1, 2], dtype=np.uint32)),
                    where=(av.Where(attribute="age", comparison="<", value=np.float32(0.5)),),  # type: ignore[arg-type]
                ),
            )
        ]
    )
    assert counted.digest == plain.digest
    assert av.simulate_ensemble(counted).digest == av.simulate_ensemble(plain).digest


def test_nobody_around_and_nobody_in_a_segment_are_defined() -> None:
    """Rules see a mean of 0 and a degree of 0; a script for nobody says so in the ledger."""
    alone = people(segments=("town", "land", "sea"))
    script = replace(SCRIPT, scope=av.Scope(segments=("sea",)))
    lonely = scenario(population=alone, network=av.network_from_edges(SIZE, []), allow=ANYTHING)
    result = av.simulate_ensemble(lonely.branch([script]))
    (entry,) = result.ledger
    assert entry.personas == 0
    assert math.isnan(entry.mean_before)
    assert math.isnan(entry.mean_after)
    assert result.stock[:, :, 2].sum() == 0
    assert result.digest == av.simulate_ensemble(lonely).digest
    assert np.isfinite(result.level_means("mood")).all()


def test_a_bound_in_cents_is_kept_to_the_cent() -> None:
    """0.07 * 100 is above 7 and 0.29 * 100 below 29; both are levels that may be held."""
    level = replace(LEVEL, minimum=0.07, default=0.1, maximum=0.29, per_unit=100)
    assert (level.low, level.high) == (7, 29)
    assert level.stored(np.array([0.07, 0.29])).tolist() == [7, 29]
    below = replace(LEVEL, minimum=-0.29, default=-0.1, maximum=-0.07, per_unit=100)
    assert (below.low, below.high) == (-29, -7)
    assert below.stored(np.array([-0.285, -0.07])).tolist() == [-28, -7]


def test_populations_without_attributes_do_not_share_them() -> None:
    bare = people(attributes={})
    one = replace(
        bare, segment=bare.segment[:3], region=bare.region[:3], choice=bare.choice[:3], ids=None
    )
    assert len(one.attributes) == len(bare.attributes) == 0
    assert bare.matrix.shape == (SIZE, 0)
    assert one.matrix.shape == (3, 0)
