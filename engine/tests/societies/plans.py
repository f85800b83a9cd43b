"""Small planning problems over decision variables alone, and their optimum by plain enumeration.

The enumeration shares no code with the planner: numbers, lists and loops only.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import agentverse_engine as av
from agentverse_engine import planning as pl
from agentverse_engine.inputs.events import Comparison

Moves = tuple[tuple[int, str], ...]


def stage(horizon: int = 6, replicates: int = 4) -> av.Scenario:
    """Return a society that no one looks at: two personas, one rule."""
    model = av.ChoiceModel(alternatives=("old", "new"), coefficients={}, constants={"old": 0.0})
    population = av.Population(
        segments=("all",),
        regions=("here",),
        segment=np.zeros(2, dtype=np.int16),
        region=np.zeros(2, dtype=np.int16),
        attributes={},
        choice=np.zeros(2, dtype=np.uint8),
    )
    return av.Scenario(
        population=population,
        network=av.network_from_edges(2, np.array([[0, 1]])),
        pack=av.consumer_choice(model),
        variables=av.consumer_choice_parameters(),
        horizon=horizon,
        replicates=replicates,
        seed=5,
    )


STAGE = stage()


def random_problem(seed: int) -> pl.Problem:
    """Draw a problem with up to three actions, any relation between them and any constraint."""
    draw = np.random.default_rng(seed)
    names = ("a", "b", "c")[: int(draw.integers(2, 4))]
    variables = tuple(
        pl.DecisionVariable(name=name, start=0.0, minimum=-3.0, maximum=6.0) for name in ("x", "y")
    )
    return pl.Problem(
        scenario=STAGE,
        actions=tuple(_action(draw, names, place) for place in range(len(names))),
        goals=(
            pl.Goal(quantity="x", weight=float(draw.integers(-1, 3))),
            pl.Goal(quantity="y", weight=1.0, from_tick=2, to_tick=5),
            pl.Goal(quantity="money", weight=float(draw.choice([-1.0, -0.25, 0.0, 0.5]))),
        ),
        variables=variables,
        constraints=tuple(_constraints(draw, names)),
        decision_ticks=(0, 2, 3)[: int(draw.integers(2, 4))],
    )


def _action(draw: np.random.Generator, names: tuple[str, ...], place: int) -> pl.Action:
    operations: tuple[pl.ChangeOperation, ...] = ("add", "set", "multiply")
    compare: tuple[Comparison, ...] = (">=", "<", "<=", ">")
    before = names[:place]
    requires = before[:1] if before and draw.random() < 0.3 else ()
    free = [name for name in names if name != names[place] and name not in requires]
    return pl.Action(
        name=names[place],
        effects=(
            pl.Effect(
                changes=tuple(
                    pl.Change(
                        variable=("x", "y")[int(draw.integers(2))],
                        operation=operations[int(draw.integers(3))],
                        value=float(draw.integers(-1, 4)),
                    )
                    for _ in range(int(draw.integers(1, 3)))
                )
            ),
        ),
        preconditions=(
            pl.Requirement(
                quantity="x",
                comparison=compare[int(draw.integers(4))],
                value=float(draw.integers(0, 3)),
            ),
        )
        if draw.random() < 0.3
        else (),
        money=float(draw.integers(0, 4)),
        time_ticks=int(draw.integers(0, 3)),
        cooldown_ticks=int(draw.integers(0, 3)),
        most_uses=int(draw.integers(1, 3)),
        requires=requires,
        blocks=(free[-1],) if free and not requires and place == 2 and draw.random() < 0.5 else (),
    )


def _constraints(draw: np.random.Generator, names: tuple[str, ...]) -> Iterator[pl.Constraint]:
    def penalty() -> float | None:
        return float(draw.integers(1, 3)) if draw.random() < 0.4 else None

    yield pl.Limit(
        name="budget", quantity="money", upper=float(draw.integers(2, 8)), penalty=penalty()
    )
    if draw.random() < 0.4:
        yield pl.Limit(name="time", quantity="time", upper=2.0, penalty=penalty())
    if draw.random() < 0.4:
        yield pl.Limit(name="floor", quantity="x", lower=1.0, from_tick=4, penalty=penalty())
    if draw.random() < 0.3:
        yield pl.Limit(name="spend", quantity="money", lower=2.0, from_tick=6, penalty=penalty())
    if draw.random() < 0.4:
        yield pl.Deadline(name="due", action=names[-1], tick=4, penalty=penalty())
    if draw.random() < 0.4:
        yield pl.Forbidden(
            name="never",
            all_of=(
                pl.Requirement(quantity="x", comparison=">", value=2.0),
                pl.Requirement(quantity="y", comparison="<=", value=1.0),
            ),
            penalty=penalty(),
        )


@dataclass(slots=True)
class Ledger:
    """Everything about one path, tick by tick, as plain lists."""

    x: list[float]
    y: list[float]
    money: list[float]
    time: list[float]
    done: dict[str, int]
    free: int

    def of(self, name: str) -> list[float]:
        return {"x": self.x, "y": self.y, "money": self.money, "time": self.time}[name]


def lived(problem: pl.Problem, moves: Moves) -> Ledger | None:
    """Walk a path step by step; None where a step is not open."""
    ticks = problem.horizon + 1
    told = Ledger([0.0] * ticks, [0.0] * ticks, [0.0] * ticks, [0.0] * ticks, {}, 0)
    last: dict[str, int] = {}
    uses: dict[str, int] = {}
    barred: set[str] = set()
    for tick, name in moves:
        action = next(one for one in problem.actions if one.name == name)
        again = last.get(name, -99) + max(1, action.time_ticks + action.cooldown_ticks)
        held = all(_holds(told.of(one.quantity)[tick], one) for one in action.preconditions)
        if tick < told.free or uses.get(name, 0) >= action.most_uses or tick < again:
            return None
        if name in barred or not held or any(other not in uses for other in action.requires):
            return None
        last[name], uses[name] = tick, uses.get(name, 0) + 1
        barred |= set(action.blocks)
        told.free = tick + action.time_ticks
        told.done.setdefault(name, told.free)
        for at in range(tick, ticks):
            told.money[at] += action.money
            told.time[at] += action.time_ticks
        for change in action.effects[0].changes:
            for at in range(told.free, ticks):
                told.of(change.variable)[at] = _changed(told.of(change.variable)[at], change)
    return told


def _changed(value: float, change: pl.Change) -> float:
    if change.operation == "set":
        return change.value
    return value + change.value if change.operation == "add" else value * change.value


def _holds(value: float, one: pl.Requirement) -> bool:
    if one.comparison == "<":
        return value < one.value
    if one.comparison == "<=":
        return value <= one.value
    return value > one.value if one.comparison == ">" else value >= one.value


def worth(problem: pl.Problem, told: Ledger) -> float | None:
    """Return goals less penalties; None where something hard is missed."""
    value = 0.0
    for goal in problem.goals:
        last = problem.horizon if goal.to_tick is None else goal.to_tick
        first = last if goal.from_tick is None else goal.from_tick
        span = told.of(goal.quantity)[first : last + 1]
        value += goal.weight * sum(span) / len(span)
    for name in ("x", "y"):
        if not all(-3.0 <= one <= 6.0 for one in told.of(name)):
            return None
    for constraint in problem.constraints:
        off = _missed(constraint, told, problem.horizon)
        if off is not None and constraint.penalty is None:
            return None
        value -= (constraint.penalty or 0.0) * (off or 0.0)
    return value


def _missed(constraint: pl.Constraint, told: Ledger, horizon: int) -> float | None:
    if isinstance(constraint, pl.Deadline):
        late = told.done.get(constraint.action, horizon + 1) - constraint.tick
        return float(late) if late > 0 else None
    if isinstance(constraint, pl.Limit):
        span = told.of(constraint.quantity)[constraint.from_tick :]
        upper, lower = constraint.upper, constraint.lower
        over = 0.0 if upper is None else max(span) - upper
        under = 0.0 if lower is None else lower - min(span)
        return max(over, under) if max(over, under) > 0 else None
    depths = [
        min(x - 2.0, 1.0 - y) for x, y in zip(told.x, told.y, strict=True) if x > 2.0 and y <= 1.0
    ]
    return max(depths) if depths else None


def enumerated(problem: pl.Problem) -> dict[Moves, float]:
    """Return the worth of every path that keeps to what is hard."""
    found: dict[Moves, float] = {}
    open_paths: list[Moves] = [()]
    while open_paths:
        moves = open_paths.pop()
        told = lived(problem, moves)
        if told is None:
            continue
        value = worth(problem, told)
        if value is not None:
            found[moves] = value
        for tick in problem.decision_ticks:
            if tick >= told.free:
                open_paths += [(*moves, (tick, action.name)) for action in problem.actions]
    return found
