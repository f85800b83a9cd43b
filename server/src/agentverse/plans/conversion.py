"""Converts plan API types to engine types and back."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pydantic import TypeAdapter

from agentverse.compiler import wording
from agentverse.plans import signals
from agentverse.plans.errors import PlanInvalid
from agentverse.plans.schemas import (
    ActionWire,
    ConstraintWire,
    ForbiddenWire,
    InfeasibilityWire,
    LimitWire,
    MissWire,
    PathWire,
    PlanRequest,
    PlanResult,
    PruningWire,
    StepWire,
)
from agentverse.platform.errors import FieldError
from agentverse.universe import ProjectRow, scripts, variables
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript, Level, Scenario
from agentverse_engine.errors import EngineError, ScriptError
from agentverse_engine.planning import (
    Action,
    Answer,
    BeamSearch,
    Deadline,
    DecisionVariable,
    Forbidden,
    Infeasibility,
    Limit,
    Plan,
    Problem,
    Pruning,
    Search,
    Signal,
    TreeSearch,
)
from agentverse_engine.planning.paths import Steps, course_of
from agentverse_engine.planning.problem_checks import check_reach

# Field, quantity and the value that the quantity is compared with.
Compared = tuple[str, str, float]
LEVEL: Final = 0.9
PLACE: Final = re.compile(r"^event_scripts\[(\d+)\]")
CONSTRAINTS: Final[dict[str, TypeAdapter[Any]]] = {
    "limit": TypeAdapter(Limit),
    "forbidden": TypeAdapter(Forbidden),
    "deadline": TypeAdapter(Deadline),
}
ACTIONS: Final = TypeAdapter(tuple[Action, ...])
VARIABLES: Final = TypeAdapter(tuple[DecisionVariable, ...])


def problem_of(
    registry: Registry,
    project: ProjectRow,
    inherited: tuple[EventScript, ...],
    request: PlanRequest,
) -> Problem:
    """Checked as a whole by the engine; what is wrong is named in a PlanInvalid."""
    sent = request.model_dump()
    scenario = registry.scenario(variables.spec_of(project, inherited))
    wrong = signals.wrong_flow(scenario, request.signals, request.goals)
    if wrong is not None:
        raise PlanInvalid(f"{wrong.field}: {wrong.message}", errors=[wrong])
    actions = ACTIONS.validate_python(sent["actions"])
    try:
        check_scripts(scenario, actions)
        problem = Problem(
            scenario=scenario,
            actions=actions,
            goals=signals.engine_goals(scenario.horizon, request.goals),
            decision_ticks=tuple(request.decision_ticks),
            variables=VARIABLES.validate_python(sent["variables"]),
            constraints=tuple(_constraint(item) for item in sent["constraints"]),
            signals=signals.named_signals(scenario.horizon, request.signals, request.goals),
            most_steps=request.most_steps,
            assurance=request.assurance,
            worlds=request.worlds,
        )
        check_reach(actions, problem.decision_ticks[0], problem.horizon)
    except EngineError as error:
        raise invalid(error, request) from error
    return problem


def invalid(error: EngineError, request: PlanRequest) -> PlanInvalid:
    """What the engine says, in the names of the request."""
    field = signals.request_field(error.field, request.signals, request.goals)
    message = f"{error.message} {error.fix}"
    return PlanInvalid(f"{field}: {message}", errors=[FieldError(field=field, message=message)])


def check_values(registry: Registry, problem: Problem, request: PlanRequest) -> None:
    """Outcomes are of the kind they say and compared with values they can have, or PlanInvalid.

    For new requests alone: one that was taken on earlier is searched as it was.
    """
    compared = (*_bounds(request.constraints), *preconditions_of(request.actions))
    wrong = signals.wrong_kind(registry, request.signals, request.goals) or never_reached(
        registry, problem.seen, compared
    )
    if wrong is not None:
        raise PlanInvalid(wrong.message, errors=[wrong])


def never_reached(
    registry: Registry, seen: Sequence[Signal], compared: Iterable[Compared]
) -> FieldError | None:
    """The first comparison of a signal with a value that it never has; None: there is none."""
    levels = {level.name: level for level in registry.pack.levels}
    outcomes = {signal.name: signal.outcome for signal in seen}
    for field, quantity, value in compared:
        outcome = outcomes.get(quantity)
        if outcome in levels:
            message = _beyond_level(levels[outcome], value)
        elif outcome is not None:
            message = _beyond_share(registry.names_in_words[outcome], value)
        else:
            message = ""
        if message:
            return FieldError(field=field, message=message)
    return None


def preconditions_of(actions: Sequence[ActionWire], at: str = "") -> Iterator[Compared]:
    """at: what comes before the place of an action."""
    for number, action in enumerate(actions):
        for index, test in enumerate(action.preconditions):
            field = f"{at}actions[{number}].preconditions[{index}].value"
            yield field, test.quantity, test.value


def _bounds(constraints: Sequence[ConstraintWire]) -> Iterator[Compared]:
    for number, constraint in enumerate(constraints):
        at = f"constraints[{number}]"
        if isinstance(constraint, LimitWire):
            for side, bound in (("lower", constraint.lower), ("upper", constraint.upper)):
                if bound is not None:
                    yield f"{at}.{side}", constraint.quantity, bound
        elif isinstance(constraint, ForbiddenWire):
            for index, test in enumerate(constraint.all_of):
                yield f"{at}.all_of[{index}].value", test.quantity, test.value


def _beyond_share(label: str, value: float) -> str:
    if 0.0 <= value <= 1.0:
        return ""
    return (
        f"{_number(100 * value)} % is no share of “{label}”. Use a value between 0 and 100 %, sent "
        "as a number from 0 to 1."
    )


def _beyond_level(level: Level, value: float) -> str:
    if level.minimum <= value <= level.maximum:
        return ""
    unit = "" if level.unit == "1" else f" {level.unit}"
    return (
        f"{_number(value)}{unit} is no mean of “{level.label}”. Use a value between "
        f"{_number(level.minimum)} and {_number(level.maximum)}{unit}."
    )


def _number(value: float) -> str:
    return f"{wording.MINUS if value < 0 else ''}{abs(value):,.10g}"


def check_scripts(scenario: Scenario, actions: Sequence[Action]) -> None:
    """Each effect's scripts on the society, so that the request's own place of one is named."""
    for number, action in enumerate(actions):
        for index, effect in enumerate(action.effects):
            try:
                scenario.branch(effect.event_scripts)
            except ScriptError as error:
                at = f"actions[{number}].effects[{index}].{_own(error, scenario)}"
                raise ScriptError(error.message, field=at, fix=error.fix) from error


def _own(error: ScriptError, scenario: Scenario) -> str:
    """The field as the effect counts its scripts, without those that the scenario had."""
    match = PLACE.match(error.field)
    if match is None:
        return error.field
    own = int(match.group(1)) - len(scenario.event_scripts)
    return f"event_scripts[{own}]{error.field[match.end() :]}" if own >= 0 else error.field


def search_of(request: PlanRequest) -> Search:
    search = request.search
    if search.kind == "beam":
        return BeamSearch(width=search.width, seed=search.seed)
    return TreeSearch(iterations=search.iterations, seed=search.seed)


def result_of(
    answer: Answer, problem: Problem, registry: Registry, project: ProjectRow
) -> PlanResult:
    return PlanResult(
        paths=[_path(plan, problem, registry, project) for plan in answer.plans],
        prunings=[_pruning(pruning) for pruning in answer.prunings],
        explored=answer.explored,
        candidates=answer.candidates,
        evaluated=answer.evaluated,
        dominated=answer.dominated,
        dropped=answer.dropped,
        interval_level=LEVEL,
        infeasibility=None if answer.infeasibility is None else _why_none(answer.infeasibility),
    )


def _constraint(sent: dict[str, Any]) -> Any:
    kind = sent.pop("kind")
    return CONSTRAINTS[kind].validate_python(sent)


def _path(plan: Plan, problem: Problem, registry: Registry, project: ProjectRow) -> PathWire:
    added = course_of(problem, plan.steps).event_scripts
    return PathWire(
        steps=_steps(plan.steps),
        value=plan.value,
        low=plan.interval[0],
        high=plan.interval[1],
        gain_low=plan.gain[0],
        gain_median=plan.gain[1],
        gain_high=plan.gain[2],
        estimate=plan.estimate,
        money=plan.money,
        time_ticks=plan.time_ticks,
        event_scripts=[
            scripts.wire_form(script, variables.sentence(registry, project, script))
            for script in added
        ],
        digest=plan.digest,
    )


def _pruning(pruning: Pruning) -> PruningWire:
    return PruningWire(
        constraint=pruning.constraint,
        refused=pruning.refused,
        cut=pruning.cut,
        unfinished=pruning.unfinished,
        rejected=pruning.rejected,
        least_miss=pruning.least_miss,
        examples=[_steps(steps) for steps in pruning.examples],
    )


def _why_none(infeasibility: Infeasibility) -> InfeasibilityWire:
    return InfeasibilityWire(
        sentence=infeasibility.words,
        obstacles=[pruning.constraint for pruning in infeasibility.obstacles],
        nearest=_steps(infeasibility.nearest),
        misses=[
            MissWire(constraint=one.constraint, amount=one.amount) for one in infeasibility.misses
        ],
    )


def _steps(steps: Steps) -> list[StepWire]:
    return [StepWire(tick=step.tick, action=step.action) for step in steps]
