"""A planning problem: actions, goals and constraints of one decision maker in a scenario."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.planning import problem_checks
from agentverse_engine.planning.actions import Action, DecisionVariable
from agentverse_engine.planning.constraints import MONEY, TIME, Constraint
from agentverse_engine.planning.goals import Goal
from agentverse_engine.planning.signals import Signal, signals_of
from agentverse_engine.scenario.scenario import Scenario

Floats = NDArray[np.float64]
WORLDS = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Problem:
    """A planning problem: which actions, at which ticks, serve the goals best.

    decision_ticks: when actions may start, ascending, 0 … horizon. assurance: the share of worlds
    (0 to 1) in which hard constraints and preconditions must hold; worlds: how many futures of the
    decision variables a plan is made for where effects come by chance. most_steps: None, no limit.
    Raises PlanError, and ScriptError for event scripts that cannot be carried out.
    """

    scenario: Scenario
    actions: tuple[Action, ...]
    goals: tuple[Goal, ...]
    decision_ticks: tuple[int, ...]
    variables: tuple[DecisionVariable, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    signals: tuple[Signal, ...] = ()
    most_steps: int | None = None
    assurance: float = 1.0
    worlds: int = WORLDS
    seen: tuple[Signal, ...] = field(init=False)
    position: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seen", signals_of(self.scenario, self.signals))
        problem_checks.check_ticks(self.decision_ticks, self.scenario.horizon)
        for name, value, least in (("worlds", self.worlds, 1), ("most_steps", self.most_steps, 0)):
            problem_checks.check_whole(name, value, least)
        problem_checks.check_share("assurance", self.assurance)
        signals = tuple(signal.name for signal in self.seen)
        problem_checks.check_variables(self.variables, (*signals, MONEY, TIME))
        moved = tuple(variable.name for variable in self.variables)
        problem_checks.check_actions(self.scenario, self.actions, moved, (*moved, *signals))
        quantities = (*moved, *signals, MONEY, TIME)
        names = tuple(action.name for action in self.actions)
        problem_checks.check_constraints(self.constraints, quantities, names, self.scenario.horizon)
        problem_checks.check_goals(self.goals, quantities, self.scenario.horizon)
        object.__setattr__(self, "position", {name: at for at, name in enumerate(names)})

    def __repr__(self) -> str:
        return (
            f"Problem({len(self.actions)} actions at {len(self.decision_ticks)} ticks, "
            f"{len(self.constraints)} constraints, {len(self.goals)} goals, {self.scenario!r})"
        )

    @property
    def horizon(self) -> int:
        """The last tick of the scenario."""
        return self.scenario.horizon

    @property
    def futures(self) -> int:
        """How many worlds the decision variables have: one where nothing happens by chance."""
        return self.worlds if any(action.by_chance for action in self.actions) else 1

    def action(self, name: str) -> Action:
        """Return an action by its name; KeyError where there is none."""
        return self.actions[self.position[name]]
