"""The algebra of effects, the shape of intensities, and scripts that are refused."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agentverse_engine as av
from agentverse_engine.effects import scope_masks as scope_masks_module
from agentverse_engine.effects.effects import Effects
from agentverse_engine.effects.folding import IDENTITY, applied, composed, script_map
from agentverse_engine.effects.intensity import strength
from agentverse_engine.effects.scope_masks import named_personas, scope_cells, scope_masks
from agentverse_engine.errors import ScriptError
from agentverse_engine.inputs.events import Hold, Operation
from agentverse_engine.reference import simulate_reference

Society = Callable[..., av.Scenario]

numbers = st.floats(-1e6, 1e6, allow_nan=False)
IN_FULL: tuple[Operation, ...] = ("add", "min", "max", "set")
IN_PART: tuple[Operation, ...] = ("add", "set")
MULTIPLY: Operation = "multiply"
changes = st.one_of(
    st.tuples(st.sampled_from(IN_FULL), numbers, st.just(1.0)),
    st.tuples(st.just(MULTIPLY), st.floats(0, 5), st.floats(0.01, 1)),
    st.tuples(st.sampled_from(IN_PART), numbers, st.floats(0.01, 1)),
)


def _applied_one_by_one(
    x: float, scripts: list[tuple[Operation, float, float]], low: float, high: float
) -> float:
    for operation, value, intensity in scripts:
        if operation == "min":
            x = min(x, value)
        elif operation == "max":
            x = max(x, value)
        else:
            target = {"set": value, "add": x + value, "multiply": x * value}[operation]
            x = (1 - intensity) * x + intensity * target
    return min(max(x, low), high)


@settings(deadline=None)  # a busy machine is not a fault
@given(numbers, st.lists(changes, max_size=6), numbers, numbers)
def test_folded_scripts_equal_scripts_applied_in_order(
    x: float, scripts: list[tuple[Operation, float, float]], one: float, other: float
) -> None:
    low, high = min(one, other), max(one, other)
    folded = np.array(IDENTITY)
    for operation, value, intensity in scripts:
        script = av.EventScript(variable="v", operation=operation, value=value)
        folded = composed(folded, script_map(script, intensity))
    folded = composed(folded, (1.0, 0.0, low, high))
    expected = _applied_one_by_one(x, scripts, low, high)
    assert float(applied(folded, x)) == pytest.approx(expected, rel=1e-9, abs=1e-3)


@settings(deadline=None)  # a busy machine is not a fault
@given(numbers)
def test_scripts_that_change_nothing_fold_to_the_identity(x: float) -> None:
    folded = np.array(IDENTITY)
    neutral: list[tuple[Operation, float]] = [("add", 0.0), ("multiply", 1.0)]
    for operation, value in neutral:
        script = av.EventScript(variable="v", operation=operation, value=value)
        folded = composed(folded, script_map(script, 1.0))
    assert float(applied(folded, x)) == x


@pytest.mark.parametrize(
    ("intensity", "expected"),
    [
        (av.IntensityProfile(), [0, 0, 1, 1, 1, 1, 0]),
        (av.IntensityProfile(kind="pulse"), [0, 0, 1, 0, 0, 0, 0]),
        (
            av.IntensityProfile(kind="linear_decay", duration_ticks=4),
            [0, 0, 1, 0.75, 0.5, 0.25, 0],
        ),
        (
            av.IntensityProfile(kind="exponential_decay", half_life_ticks=1),
            [0, 0, 1, 0.5, 0.25, 0.125, 0],
        ),
        (av.IntensityProfile(kind="lagged", lag_ticks=2), [0, 0, 0.5, 1, 1, 1, 0]),
    ],
)
def test_strength_follows_its_profile_inside_its_window(
    intensity: av.IntensityProfile, expected: list[float]
) -> None:
    script = av.EventScript(
        variable="v",
        operation="add",
        value=1,
        scope=av.Scope(start_tick=2, end_tick=5),
        intensity=intensity,
    )
    assert [strength(script, tick) for tick in range(7)] == pytest.approx(expected, rel=1e-15)


def test_effects_reach_only_the_cells_in_scope(society: Society) -> None:
    script = av.EventScript(
        variable="cost.pump",
        operation="add",
        value=-0.5,
        scope=av.Scope(regions=("south",), segments=("poor",)),
    )
    effects = Effects(society(100, event_scripts=(script,))).batch().at(1)
    shifts = effects.attributes[0, :, 2, 1]
    assert shifts.tolist() == [0.0, -0.5, 0.0, 0.0]  # poor/north, poor/south, rich/north, …


def test_groups_are_the_distinct_ways_in_which_scripts_reach_personas(society: Society) -> None:
    """Found by sorting all personas here, and without sorting there."""
    scopes = (
        av.Scope(personas=(0, 5, 9, 77)),
        av.Scope(
            regions=("south",), where=(av.Where(attribute="cost.gas", comparison="<", value=1.3),)
        ),
        av.Scope(segments=("poor",)),
    )
    scripts = [
        av.EventScript(variable="cost.gas", operation="add", value=0, scope=one) for one in scopes
    ]
    scenario = society(100, mean_degree=2, event_scripts=tuple(scripts))
    masks = scope_masks(scenario)
    groups, cell_of, inside = masks.groups, masks.cell_of, masks.inside
    population = scenario.population
    named = [named_personas(population, scopes[place]) for place in (0, 1)]
    rows, expected = np.unique(
        np.column_stack([population.cells(), *named]), axis=0, return_inverse=True
    )
    np.testing.assert_array_equal(groups, expected.reshape(-1))
    np.testing.assert_array_equal(cell_of, rows[:, 0])
    reached = [scope_cells(population, scope)[rows[:, 0]] for scope in scopes]
    np.testing.assert_array_equal(inside[0], reached[0] & (rows[:, 1] == 1))
    np.testing.assert_array_equal(inside[1], reached[1] & (rows[:, 2] == 1))
    np.testing.assert_array_equal(inside[2], reached[2])


def test_groups_are_worked_out_once_for_check_run_and_ledger(
    society: Society, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two scenarios, each run with its checks and its ledger: two computations."""
    counted = 0
    groups_of = cast("Callable[..., object]", vars(scope_masks_module)["_groups_of"])

    def counting(scenario: av.Scenario) -> object:
        nonlocal counted
        counted += 1
        return groups_of(scenario)

    monkeypatch.setattr(scope_masks_module, "_groups_of", counting)
    scope = av.Scope(personas=(0, 5))
    script = av.EventScript(variable="cost.gas", operation="add", value=1, scope=scope)
    scenario = society(50, horizon=2, event_scripts=(script,))
    for each in (scenario, scenario.branch((script,))):
        trajectory = av.simulate_ensemble(each)
        assert [entry.personas for entry in trajectory.ledger] == [2] * len(each.event_scripts)
    assert counted == 2


def test_an_effect_on_a_parameter_is_clamped_to_the_registry(society: Society) -> None:
    script = av.EventScript(variable="replacement_rate", operation="multiply", value=100)
    effects = Effects(society(100, event_scripts=(script,))).batch().at(1)
    assert effects.parameters[..., 0].tolist() == [[1.0] * 4]


def test_ledger_tells_what_a_script_moved(society: Society) -> None:
    scenario = society(
        400,
        event_scripts=(
            av.EventScript(
                variable="cost.pump",
                operation="multiply",
                value=0.5,
                scope=av.Scope(regions=("south",), start_tick=2, end_tick=4),
                label="subsidy",
            ),
            av.EventScript(variable="cost.pump", operation="add", value=-1, probability=0.0),
        ),
    )
    subsidy, never = av.simulate_ensemble(scenario).ledger
    costs = scenario.population.attributes["cost.pump"][scenario.population.region == 1]
    assert (subsidy.label, subsidy.first_tick, subsidy.last_tick) == ("subsidy", 2, 4)
    assert subsidy.personas == 200
    assert subsidy.mean_before == pytest.approx(costs.mean())
    assert subsidy.mean_after == pytest.approx(costs.mean() / 2)
    assert subsidy.occurred == (True,) * 4
    assert never.occurred == (False,) * 4


def test_chance_is_drawn_once_per_replicate(society: Society) -> None:
    """Binomial(400, 0.3): outside 80 … 160 with probability below 1e-4; the seed is fixed."""
    script = av.EventScript(variable="cost.pump", operation="set", value=0.0, probability=0.3)
    scenario = society(40, mean_degree=2, replicates=400, event_scripts=(script,))
    occurred = np.array(av.simulate_ensemble(scenario).ledger[0].occurred)
    assert 80 < occurred.sum() < 160
    plain = av.simulate_ensemble(society(40, mean_degree=2, replicates=400))
    run = av.simulate_ensemble(scenario)
    np.testing.assert_array_equal(run.stock[~occurred], plain.stock[~occurred])


def _held(
    values: tuple[float, ...],
    hold: Hold = "once",
    start: int = 0,
    *,
    outcome: str = "pump",
    above: float = 0.0,
) -> av.EventScript:
    return av.EventScript(
        variable="cost.pump",
        operation="add",
        value=-5.0,
        scope=av.Scope(start_tick=start),
        intensity=av.IntensityProfile(kind="custom", values=values),
        condition=av.Condition(outcome=outcome, comparison=">", value=above, hold=hold),
    )


def test_a_profile_that_starts_at_zero_counts_from_where_its_condition_first_held(
    society: Society,
) -> None:
    scenario = society(60, mean_degree=2, event_scripts=(_held((0.0, 0.0, 1.0), start=2),))
    fast, slow = av.simulate_ensemble(scenario), simulate_reference(scenario)
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    (entry,) = fast.ledger
    assert (set(entry.started), entry.first_tick, entry.last_tick) == ({2}, 4, 4)
    assert entry.mean_after == pytest.approx(entry.mean_before - 5.0)


def test_scripts_start_at_tick_0_whether_or_not_variables_have_inertia(society: Society) -> None:
    """Tick 0 is a tick like any other; only inertia lets what happens at it be felt later."""
    scripts = tuple(
        av.EventScript(variable="conformity", operation="set", value=1.0, intensity=intensity)
        for intensity in (av.IntensityProfile(), av.IntensityProfile(kind="pulse"))
    )
    scenario = society(40, mean_degree=2, event_scripts=scripts)
    slow = replace(
        scenario, variables=tuple(_with_inertia(variable) for variable in scenario.variables)
    )
    for one in (scenario, slow):
        ledger = av.simulate_ensemble(one).ledger
        assert [(set(entry.started), entry.first_tick) for entry in ledger] == [({0}, 0), ({0}, 0)]


def _with_inertia(variable: av.Variable) -> av.Variable:
    return replace(variable, inertia=0.5) if variable.name == "conformity" else variable


def test_ledger_ends_with_the_last_replicate_in_which_a_script_started(society: Society) -> None:
    script = _held((1.0,), outcome="gas", above=0.45)
    run = av.simulate_ensemble(society(60, replicates=12, horizon=12, event_scripts=(script,)))
    (entry,) = run.ledger
    begun = [tick for tick in entry.started if tick >= 0]
    assert len(set(begun)) > 1
    assert (entry.first_tick, entry.last_tick) == (min(begun), max(begun))


def test_ledger_counts_a_script_that_acts_while_a_condition_holds_from_its_start(
    society: Society,
) -> None:
    """Its profile runs on where the condition does not hold: it never starts anew."""
    script = _held((0.5, 0.5, 1.0, 1.0), "while", 1)
    run = av.simulate_ensemble(society(60, event_scripts=(script,)))
    (entry,) = run.ledger
    assert (set(entry.started), entry.first_tick, entry.last_tick) == ({1}, 1, 4)
    assert entry.measured_tick == 3


BASE = av.EventScript(variable="cost.pump", operation="add", value=-1.0)


@pytest.mark.parametrize(
    ("script", "field"),
    [
        (replace(BASE, variable="cost.coal"), "variable"),
        (replace(BASE, operation="divide"), "operation"),  # type: ignore[arg-type]
        (replace(BASE, value=math.nan), "value"),
        (replace(BASE, value=math.inf), "value"),
        (replace(BASE, value=-41.0), "value"),
        (replace(BASE, operation="set", value=21.0), "value"),
        (replace(BASE, operation="multiply", value=-0.1), "value"),
        (replace(BASE, operation="multiply", value=1e7), "value"),
        (replace(BASE, scope=av.Scope(regions=("east",))), "scope.regions"),
        (replace(BASE, scope=av.Scope(segments=("middle",))), "scope.segments"),
        (replace(BASE, scope=av.Scope(start_tick=7)), "scope.start_tick"),
        (replace(BASE, scope=av.Scope(start_tick=-1)), "scope.start_tick"),
        (replace(BASE, scope=av.Scope(start_tick=4, end_tick=3)), "scope.end_tick"),
        (replace(BASE, scope=av.Scope(end_tick=7)), "scope.end_tick"),
        (
            replace(BASE, intensity=av.IntensityProfile(kind="linear_decay")),
            "intensity.duration_ticks",
        ),
        (
            replace(BASE, intensity=av.IntensityProfile(kind="lagged", lag_ticks=0)),
            "intensity.lag_ticks",
        ),
        (
            replace(BASE, intensity=av.IntensityProfile(half_life_ticks=3.0)),
            "intensity.half_life_ticks",
        ),
        (
            replace(
                BASE,
                operation="max",
                value=1.0,
                intensity=av.IntensityProfile(kind="lagged", lag_ticks=2),
            ),
            "intensity.kind",
        ),
        (
            replace(BASE, condition=av.Condition(outcome="pump", comparison=">", value=20.0)),
            "condition.value",
        ),
        (replace(BASE, probability=1.5), "probability"),
        (replace(BASE, probability=math.nan), "probability"),
    ],
)
def test_a_script_that_cannot_be_carried_out_is_refused(
    society: Society, script: av.EventScript, field: str
) -> None:
    with pytest.raises(ScriptError) as caught:
        society(40, mean_degree=2, event_scripts=(BASE, script))
    assert caught.value.field == f"event_scripts[1].{field}"
    assert caught.value.fix.endswith(".")


@pytest.mark.parametrize(
    ("operation", "value", "told"),
    [("multiply", 1_000_000.5, "1000000.5"), ("set", 50_000.001, "50000.001")],
)
def test_a_value_just_outside_its_range_is_told_in_full(
    society: Society, operation: Operation, value: float, told: str
) -> None:
    script = av.EventScript(variable="cost.pump", operation=operation, value=value)
    with pytest.raises(ScriptError, match=f" {told}[,.]"):
        society(40, mean_degree=2, event_scripts=(script,))


def test_a_range_without_a_unit_is_told_without_one(society: Society) -> None:
    script = av.EventScript(variable="conformity", operation="set", value=3.0000001)
    with pytest.raises(ScriptError) as caught:
        society(40, mean_degree=2, event_scripts=(script,))
    assert caught.value.message.startswith("is 3.0000001, outside")
    assert caught.value.fix == "Use 0 to 3 for 'set'."
