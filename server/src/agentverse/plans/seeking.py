"""One change whose value is sought: its request checked, searched for, and told as a path."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentverse.compiler import wording
from agentverse.plans import conversion, signals
from agentverse.plans.errors import PlanInvalid
from agentverse.plans.schemas import (
    GoalWire,
    InfeasibilityWire,
    PathWire,
    PlanRequest,
    PlanResult,
    SeekWire,
    SoughtPoint,
    SoughtWire,
    StepWire,
)
from agentverse.platform.errors import FieldError
from agentverse.universe import ProjectRow, scripts, variables
from agentverse.universe.event_schemas import EventScriptInput
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript, Scenario, simulate_ensemble
from agentverse_engine.effects.choices_left import check_choices_left
from agentverse_engine.errors import PlanError, ScriptError
from agentverse_engine.planning.seeking import Sought, seek
from agentverse_engine.planning.signals import signal_series, signals_of
from agentverse_engine.results import ensembles

Floats = NDArray[np.float64]
# Of a share, and of a level's range: a twentieth of a percentage point.
TOLERANCE: Final = 0.0005
MOST_POINTS: Final = 24
BOUNDS: Final = ("lower", "upper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeking:
    """A request to seek, with the society that it acts on."""

    registry: Registry
    project: ProjectRow
    scenario: Scenario
    wanted: SeekWire

    @property
    def goal(self) -> GoalWire:
        asked = self.wanted
        return GoalWire(outcome=asked.outcome, from_tick=asked.from_tick, to_tick=asked.to_tick)

    @property
    def tolerance(self) -> float:
        """In the unit of the outcome."""
        levels = {level.name: level for level in self.registry.pack.levels}
        level = levels.get(self.wanted.outcome.of)
        return TOLERANCE if level is None else TOLERANCE * (level.maximum - level.minimum)

    def script(self, value: float) -> EventScript:
        asked = self.wanted
        return scripts.from_wire(
            EventScriptInput(
                variable=asked.variable,
                operation=asked.operation,
                value=value,
                scope=asked.scope,
            )
        )


def of(
    registry: Registry,
    project: ProjectRow,
    inherited: tuple[EventScript, ...],
    wanted: SeekWire,
) -> Seeking:
    """inherited: the scripts of the node that the change is added to."""
    scenario = registry.scenario(variables.spec_of(project, inherited))
    return Seeking(registry=registry, project=project, scenario=scenario, wanted=wanted)


def check(seeking: Seeking, request: PlanRequest) -> None:
    """Raise a PlanInvalid, by field, for what cannot be sought."""
    asked = seeking.wanted
    if request.actions or request.goals or request.constraints:
        raise _invalid("seek", "Give either actions with goals, or one change to seek.")
    if not asked.lower < asked.upper:
        raise _invalid("seek.lower", "Give two bounds to seek between, the lower one first.")
    scenario = seeking.scenario
    wrong = signals.wrong_flow(scenario, (), [seeking.goal]) or signals.wrong_kind(
        seeking.registry, (), [seeking.goal]
    )
    if wrong is not None:
        raise _invalid(wrong.field.replace("goals[0]", "seek"), wrong.message)
    for bound in BOUNDS:
        _check_bound(seeking, scenario, bound)
    try:
        seen = signals_of(scenario, signals.named_signals(scenario.horizon, (), [seeking.goal]))
    except PlanError as error:
        raise _invalid("seek.outcome", f"{error.message} {error.fix}") from error
    value = ("seek.value", asked.outcome.of, asked.value)
    beyond = conversion.never_reached(seeking.registry, seen, [value])
    if beyond is not None:
        raise _invalid(beyond.field, beyond.message)


def _check_bound(seeking: Seeking, scenario: Scenario, bound: str) -> None:
    try:
        check_choices_left(scenario.branch([seeking.script(getattr(seeking.wanted, bound))]))
    except ScriptError as error:
        own = error.field.rpartition(".")[2]
        field = "seek.variable" if own == "variable" else f"seek.{bound}"
        raise _invalid(field, f"{error.message} {error.fix}") from error


def _invalid(field: str, message: str) -> PlanInvalid:
    return PlanInvalid(f"{field}: {message}", errors=[FieldError(field=field, message=message)])


def search(seeking: Seeking, count: Callable[[], None]) -> PlanResult:
    """The value, as a path of one step; or why there is none. count: called before each ensemble.

    Raises PlanInvalid where the outcome has no value.
    """
    measured: dict[float | None, tuple[Floats, str]] = {}

    def measure(value: float | None) -> Floats:
        if value not in measured:
            count()
            added = () if value is None else (seeking.script(value),)
            measured[value] = _run(seeking, added)
        return measured[value][0]

    asked = seeking.wanted
    try:
        reading = seek(
            measure,
            goal=asked.value,
            lower=asked.lower,
            upper=asked.upper,
            tolerance=seeking.tolerance,
            most_points=MOST_POINTS,
        )
    except PlanError as error:
        raise _invalid(f"seek.{error.field}", f"{error.message} {error.fix}") from error
    values, digest = measure(reading.nearest.value), measured[reading.nearest.value][1]
    gain = ensembles.paired_difference(values, measure(None))
    return _result(seeking, reading, (values, gain), digest)


def _run(seeking: Seeking, added: Sequence[EventScript]) -> tuple[Floats, str]:
    """The outcome with the scripts added, float64[replicates], and the trajectory's digest."""
    scenario = seeking.scenario.branch(added)
    named = signals.named_signals(scenario.horizon, (), [seeking.goal])
    trajectory = simulate_ensemble(scenario, dense_replicates=0)
    (goal,) = signals.engine_goals(scenario.horizon, [seeking.goal])
    series = {
        signal.name: signal_series(scenario, trajectory, signal)
        for signal in signals_of(scenario, named)
        if signal.name == goal.quantity
    }
    return goal.reached(series), trajectory.digest


def _result(
    seeking: Seeking, reading: Sought, outcomes: tuple[Floats, Floats], digest: str
) -> PlanResult:
    level = conversion.LEVEL
    low, _, high = (float(bound) for bound in ensembles.interval(outcomes[0], level))
    points = [SoughtPoint(value=one.value, outcome=one.outcome) for one in reading.points]
    sought = SoughtWire(
        value=reading.nearest.value,
        outcome=reading.nearest.outcome,
        low=low,
        high=high,
        reached=reading.reached,
        lower=None if np.isnan(reading.lower) else reading.lower,
        upper=None if np.isnan(reading.upper) else reading.upper,
        points=points,
    )
    tried = len(points)
    return PlanResult(
        paths=[_path(seeking, sought, outcomes[1], digest)] if reading.reached else [],
        prunings=[],
        explored=tried,
        candidates=tried,
        evaluated=tried,
        dominated=0,
        dropped=0,
        interval_level=level,
        infeasibility=None if reading.reached else _not_reached(seeking, sought),
        seek=sought,
    )


def _path(seeking: Seeking, sought: SoughtWire, gain: Floats, digest: str) -> PathWire:
    script = seeking.script(sought.value)
    sentence = variables.sentence(seeking.registry, seeking.project, script)
    low, median, high = (float(bound) for bound in ensembles.interval(gain, conversion.LEVEL))
    return PathWire(
        steps=[StepWire(tick=script.scope.start_tick, action=wording.short(sentence))],
        value=sought.outcome,
        low=sought.low,
        high=sought.high,
        gain_low=low,
        gain_median=median,
        gain_high=high,
        estimate=seeking.wanted.value,
        money=0.0,
        time_ticks=0,
        event_scripts=[scripts.wire_form(script, sentence)],
        digest=digest,
    )


def _not_reached(seeking: Seeking, sought: SoughtWire) -> InfeasibilityWire:
    asked = seeking.wanted
    share = asked.outcome.kind != "level_mean"
    label = seeking.registry.names_in_words.get(asked.outcome.of, asked.outcome.of)
    name = seeking.registry.names_in_words.get(asked.variable, asked.variable)
    between = f"with {name} between {asked.lower:g} and {asked.upper:g}"
    nearest = f"The nearest is {_amount(sought.outcome, share=share)}, at {sought.value:g}."
    jump = (
        ""
        if sought.lower is None or sought.upper is None
        else f" Between {sought.lower:g} and {sought.upper:g} it passes the goal in one step."
    )
    return InfeasibilityWire(
        sentence=f"{_amount(asked.value, share=share)} of {label} is not reached {between}. "
        f"{nearest}{jump} Widen the bounds, or seek another value.",
        obstacles=[],
        nearest=[],
        misses=[],
    )


def _amount(value: float, *, share: bool) -> str:
    return f"{100 * value:.4g} %" if share else f"{value:.4g}"
