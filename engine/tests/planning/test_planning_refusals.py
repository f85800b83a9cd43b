"""Bad planning problems: each is refused by a PlanError that names the field at fault."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from societies.plans import STAGE

import agentverse_engine as av
from agentverse_engine import planning as pl
from agentverse_engine.errors import PlanError, ScriptError

ADD = pl.Change(variable="x", operation="add", value=1.0)
ACT = pl.Action(name="act", effects=(pl.Effect(changes=(ADD,)),))
OTHER = replace(ACT, name="other")
SCRIPT = av.EventScript(variable="conformity", operation="set", value=1.0)
BOUND = pl.Limit(name="bound", quantity="x", upper=3.0)
NEED = pl.Requirement(quantity="x", comparison=">=", value=1.0)


def problem(**changes: Any) -> pl.Problem:
    given: dict[str, Any] = {
        "scenario": STAGE,
        "actions": (ACT, OTHER),
        "goals": (pl.Goal(quantity="x"),),
        "variables": (pl.DecisionVariable(name="x", start=0, minimum=0, maximum=9),),
        "decision_ticks": (1, 2),
        **changes,
    }
    return pl.Problem(**given)


def acting(**changes: Any) -> pl.Problem:
    return problem(actions=(replace(ACT, **changes), OTHER))


def affecting(**changes: Any) -> pl.Problem:
    return acting(effects=(replace(pl.Effect(changes=(ADD,)), **changes),))


def later(ticks: int) -> av.EventScript:
    return replace(SCRIPT, scope=av.Scope(start_tick=ticks))


def keeping(*constraints: pl.Constraint) -> pl.Problem:
    return problem(constraints=constraints)


def needing(*requirements: pl.Requirement) -> pl.Problem:
    return acting(preconditions=requirements)


REFUSED: dict[str, tuple[str, Callable[[], object]]] = {
    "no action": ("actions", lambda: problem(actions=())),
    "two of one name": ("actions[0].name", lambda: problem(actions=(ACT, ACT))),
    "empty name": ("actions[0].name", lambda: acting(name="")),
    "no goal": ("goals", lambda: problem(goals=())),
    "unknown goal": ("goals[0].quantity", lambda: problem(goals=(pl.Goal(quantity="z"),))),
    "weight too large": (
        "goals[0].weight",
        lambda: problem(goals=(pl.Goal(quantity="x", weight=-1e16),)),
    ),
    "weight nan": (
        "goals[0].weight",
        lambda: problem(goals=(pl.Goal(quantity="x", weight=math.nan),)),
    ),
    "goal after the horizon": (
        "goals[0]",
        lambda: problem(goals=(pl.Goal(quantity="x", to_tick=7),)),
    ),
    "no decision tick": ("decision_ticks", lambda: problem(decision_ticks=())),
    "decision ticks descend": ("decision_ticks", lambda: problem(decision_ticks=(2, 1))),
    "decision after the horizon": ("decision_ticks", lambda: problem(decision_ticks=(1, 7))),
    "variable named as a signal": (
        "variables[0].name",
        lambda: problem(
            variables=(pl.DecisionVariable(name="new", start=0, minimum=0, maximum=1),)
        ),
    ),
    "variable named money": (
        "variables[0].name",
        lambda: problem(
            variables=(pl.DecisionVariable(name="money", start=0, minimum=0, maximum=1),)
        ),
    ),
    "variable starts outside": (
        "x",
        lambda: problem(variables=(pl.DecisionVariable(name="x", start=3, minimum=0, maximum=1),)),
    ),
    "variable endless": (
        "x",
        lambda: problem(
            variables=(pl.DecisionVariable(name="x", start=0, minimum=0, maximum=math.inf),)
        ),
    ),
    "worlds 0": ("worlds", lambda: problem(worlds=0)),
    "assurance 0": ("assurance", lambda: problem(assurance=0.0)),
    "assurance nan": ("assurance", lambda: problem(assurance=math.nan)),
    "cost below 0": ("act.money", lambda: acting(money=-1.0)),
    "cost too large": ("act.money", lambda: acting(money=1e16)),
    "name blank": ("actions[0].name", lambda: acting(name=" ")),
    "cost inf": ("act.money", lambda: acting(money=math.inf)),
    "time below 0": ("act.time_ticks", lambda: acting(time_ticks=-1)),
    "ends after the horizon": ("act.time_ticks", lambda: pl.plan(acting(time_ticks=6))),
    "script begins after the horizon": (
        "act.effects[0].event_scripts[0].scope.start_tick",
        lambda: pl.plan(affecting(event_scripts=(later(6),))),
    ),
    "cooldown below 0": ("act.cooldown_ticks", lambda: acting(cooldown_ticks=-1)),
    "no use": ("act.most_uses", lambda: acting(most_uses=0)),
    "requires unknown": ("act.requires", lambda: acting(requires=("z",))),
    "blocks unknown": ("act.blocks", lambda: acting(blocks=("z",))),
    "requires itself": ("act.requires", lambda: acting(requires=("act",))),
    "requires in a circle": (
        "act.requires",
        lambda: problem(
            actions=(replace(ACT, requires=("other",)), replace(OTHER, requires=("act",)))
        ),
    ),
    "requires and blocks": (
        "act.requires",
        lambda: acting(requires=("other",), blocks=("other",)),
    ),
    "requires what blocks it": (
        "act.requires",
        lambda: problem(
            actions=(replace(ACT, requires=("other",)), replace(OTHER, blocks=("act",)))
        ),
    ),
    "needs unknown": (
        "act.preconditions[0].quantity",
        lambda: needing(replace(NEED, quantity="z")),
    ),
    "needs nan": ("act.preconditions[0].value", lambda: needing(replace(NEED, value=math.nan))),
    "needs by unknown sign": (
        "act.preconditions[0].comparison",
        lambda: needing(replace(NEED, comparison="==")),  # type: ignore[arg-type]  # on purpose
    ),
    "needs the impossible": (
        "act.preconditions",
        lambda: needing(NEED, pl.Requirement(quantity="x", comparison="<", value=1.0)),
    ),
    "probability 0": ("act.effects[0].probability", lambda: affecting(probability=0.0)),
    "effect of nothing": ("act.effects[0]", lambda: affecting(changes=())),
    "change of unknown": (
        "act.effects[0].changes[0].variable",
        lambda: affecting(changes=(replace(ADD, variable="z"),)),
    ),
    "change by inf": (
        "act.effects[0].changes[0].value",
        lambda: affecting(changes=(replace(ADD, value=math.inf),)),
    ),
    "change of unknown kind": (
        "act.effects[0].changes[0].operation",
        lambda: affecting(changes=(replace(ADD, operation="half"),)),  # type: ignore[arg-type]  # on purpose
    ),
    "script with its own chance": (
        "act.effects[0].event_scripts[0]",
        lambda: affecting(event_scripts=(replace(SCRIPT, probability=0.5),)),
    ),
    "constraint unnamed": ("constraints[0].name", lambda: keeping(replace(BOUND, name=""))),
    "limit of unknown": ("bound.quantity", lambda: keeping(replace(BOUND, quantity="z"))),
    "limit without a bound": ("bound", lambda: keeping(replace(BOUND, upper=None))),
    "limit nan": ("bound", lambda: keeping(replace(BOUND, upper=math.nan))),
    "lower above upper": ("bound", lambda: keeping(replace(BOUND, lower=4.0))),
    "limit after the horizon": ("bound", lambda: keeping(replace(BOUND, to_tick=7))),
    "limit ends before it begins": (
        "bound",
        lambda: keeping(replace(BOUND, from_tick=4, to_tick=3)),
    ),
    "penalty below 0": ("bound.penalty", lambda: keeping(replace(BOUND, penalty=-1.0))),
    "limits that contradict": (
        "more",
        lambda: keeping(BOUND, pl.Limit(name="more", quantity="x", lower=4.0)),
    ),
    "deadline of unknown": (
        "due.action",
        lambda: keeping(pl.Deadline(name="due", action="z", tick=1)),
    ),
    "deadline after the horizon": (
        "due",
        lambda: keeping(pl.Deadline(name="due", action="act", tick=7)),
    ),
    "forbids everything": ("never", lambda: keeping(pl.Forbidden(name="never", all_of=()))),
    "signal of unknown": (
        "signals[0].outcome",
        lambda: problem(signals=(pl.Signal(name="s", outcome="z"),)),
    ),
    "signal of unknown region": (
        "signals[0].regions",
        lambda: problem(signals=(pl.Signal(name="s", outcome="new", regions=("z",)),)),
    ),
    "signal named as an outcome": (
        "signals[0].name",
        lambda: problem(signals=(pl.Signal(name="new", outcome="old"),)),
    ),
    "beam of 0": ("width", lambda: pl.explored(problem(), search=pl.BeamSearch(width=0))),
    "no iteration": (
        "iterations",
        lambda: pl.explored(problem(), search=pl.TreeSearch(iterations=0)),
    ),
    "exploration nan": (
        "exploration",
        lambda: pl.explored(problem(), search=pl.TreeSearch(exploration=math.nan)),
    ),
    "best of a half": ("best", lambda: pl.plan(problem(), best=cast("int", 1.5))),
    "best 0": ("best", lambda: pl.plan(problem(), best=0)),
    "forecast of 0 runs": ("replicates", lambda: pl.small_ensemble(problem(), replicates=0)),
    "forecast says nothing": (
        "forecast",
        lambda: pl.explored(
            problem(goals=(pl.Goal(quantity="new"),)), forecast=lambda _scripts, _variables: {}
        ),
    ),
    "forecast of another length": (
        "forecast",
        lambda: pl.explored(
            problem(goals=(pl.Goal(quantity="new"),)),
            forecast=lambda _scripts, _variables: {"new": np.zeros((1, 3))},
        ),
    ),
    "forecast nan": (
        "forecast",
        lambda: pl.explored(
            problem(goals=(pl.Goal(quantity="new"),)),
            forecast=lambda _scripts, _variables: {"new": np.full((1, 7), np.nan)},
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_problem_that_cannot_be_is_refused_with_its_field(case: str) -> None:
    field, ask = REFUSED[case]
    with pytest.raises(PlanError) as refused:
        ask()
    assert refused.value.field == field
    assert refused.value.fix


def test_problem_planned_anew_near_the_end_may_list_what_is_too_late() -> None:
    slow = replace(ACT, time_ticks=2, effects=(pl.Effect(event_scripts=(later(1),)),))
    late = problem(actions=(slow, OTHER), decision_ticks=(6,))
    steps = pl.explored(late).plans[0].steps
    assert [step.action for step in steps] == ["other"]


def test_script_that_the_society_does_not_take_is_refused_as_a_script() -> None:
    with pytest.raises(ScriptError):
        affecting(event_scripts=(replace(SCRIPT, variable="weather"),))


def test_circle_of_requirements_is_named_in_its_order() -> None:
    names = ("a", "b", "c", "d")
    needs = {"a": ("b",), "b": ("c",), "c": ("b",), "d": ("a",)}
    actions = tuple(replace(ACT, name=name, requires=needs[name]) for name in names)
    with pytest.raises(PlanError, match="b → c → b"):
        problem(actions=actions)


def test_soft_limit_may_contradict_a_hard_one() -> None:
    keeping(BOUND, pl.Limit(name="more", quantity="x", lower=4.0, penalty=1.0))


def test_limits_at_other_ticks_do_not_contradict() -> None:
    keeping(replace(BOUND, to_tick=3), pl.Limit(name="more", quantity="x", lower=4.0, from_tick=4))
