"""Event scripts: what an intervention changes, for whom, when, how strongly; and their checks."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from agentverse_engine.errors import ScriptError
from agentverse_engine.mathematics import LN2, exponential
from agentverse_engine.variables import Variable

Operation = Literal["set", "add", "multiply", "min", "max"]
LARGEST_FACTOR = 1_000_000  # keeps products of many scripts finite
ProfileKind = Literal["step", "pulse", "linear_decay", "exponential_decay", "lagged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Who and when: an empty tuple means everyone; ticks are inclusive; None = to the horizon."""

    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    start_tick: int = 0
    end_tick: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntensityProfile:
    """How strongly a script acts over time, from 0 (not at all) to 1 (in full).

    step: in full all the while; pulse: the start tick only; linear_decay: from 1 to 0 over
    `duration_ticks`; exponential_decay: halves every `half_life_ticks`; lagged: rises by equal
    steps and is in full at the `lag_ticks`-th tick of the script.
    """

    kind: ProfileKind = "step"
    duration_ticks: int | None = None
    half_life_ticks: float | None = None
    lag_ticks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventScript:
    """One change of one variable, executable without a model.

    set: the value itself; add, multiply: the value added or multiplied; min: at most the value;
    max: at least the value. Effects overlay the base value and never accumulate over ticks.
    """

    variable: str
    operation: Operation
    value: float
    scope: Scope = Scope()
    intensity: IntensityProfile = IntensityProfile()
    probability: float = 1.0
    label: str = ""


def validate_scripts(
    scripts: Sequence[EventScript],
    *,
    variables: Sequence[Variable],
    segments: Sequence[str],
    regions: Sequence[str],
    horizon: int,
) -> None:
    """Raise a ScriptError naming the first field that cannot be carried out."""
    registry = {variable.name: variable for variable in variables}
    for position, script in enumerate(scripts):
        path = f"event_scripts[{position}]"
        _check_variable(script, registry, path)
        _check_value(script, registry[script.variable], path)
        _check_scope(script.scope, segments, regions, path)
        _check_ticks(script.scope, horizon, path)
        _check_intensity(script, path)
        _check_probability(script, path)


def _check_variable(script: EventScript, registry: Mapping[str, Variable], path: str) -> None:
    if script.variable not in registry:
        raise ScriptError(
            f"'{script.variable}' is not in the registry.",
            field=f"{path}.variable",
            fix=f"Use one of: {', '.join(sorted(registry))}.",
        )
    if script.operation not in get_args(Operation):
        raise ScriptError(
            f"'{script.operation}' is unknown.",
            field=f"{path}.operation",
            fix=f"Use one of: {', '.join(get_args(Operation))}.",
        )


def _check_value(script: EventScript, variable: Variable, path: str) -> None:
    field = f"{path}.value"
    if not math.isfinite(script.value):
        raise ScriptError(f"is {script.value}.", field=field, fix="Give a finite number.")
    if script.operation == "multiply":
        if not 0 <= script.value <= LARGEST_FACTOR:
            raise ScriptError(
                f"multiplies by {script.value:g}.",
                field=field,
                fix=f"Use a factor from 0 to {LARGEST_FACTOR:,}: 30 % less is 0.7.",
            )
        return
    low, high = variable.minimum, variable.maximum
    if script.operation == "add":
        low, high = variable.minimum - variable.maximum, variable.maximum - variable.minimum
    if not low <= script.value <= high:
        raise ScriptError(
            f"is {script.value:g}, outside what {variable.label} allows.",
            field=field,
            fix=f"Use {low:g} to {high:g} {variable.unit} for '{script.operation}'.",
        )


def _check_scope(scope: Scope, segments: Sequence[str], regions: Sequence[str], path: str) -> None:
    for field, asked, known in (
        ("regions", scope.regions, regions),
        ("segments", scope.segments, segments),
    ):
        for label in asked:
            if label not in known:
                raise ScriptError(
                    f"'{label}' does not exist in this population.",
                    field=f"{path}.scope.{field}",
                    fix=f"Use one of: {', '.join(known)}.",
                )


def _check_ticks(scope: Scope, horizon: int, path: str) -> None:
    if not 0 <= scope.start_tick <= horizon:
        raise ScriptError(
            f"is {scope.start_tick}, outside the run of {horizon} ticks.",
            field=f"{path}.scope.start_tick",
            fix=f"Use a tick from 0 to {horizon}, or lengthen the horizon.",
        )
    if scope.end_tick is not None and not scope.start_tick <= scope.end_tick <= horizon:
        raise ScriptError(
            f"is {scope.end_tick}; the script starts at {scope.start_tick} "
            f"and the run ends at {horizon}.",
            field=f"{path}.scope.end_tick",
            fix=f"Use a tick from {scope.start_tick} to {horizon}, or leave it out.",
        )


_LENGTH_OF: Mapping[str, str] = {
    "linear_decay": "duration_ticks",
    "exponential_decay": "half_life_ticks",
    "lagged": "lag_ticks",
}


def _check_intensity(script: EventScript, path: str) -> None:
    profile = script.intensity
    if profile.kind not in get_args(ProfileKind):
        raise ScriptError(
            f"'{profile.kind}' is unknown.",
            field=f"{path}.intensity.kind",
            fix=f"Use one of: {', '.join(get_args(ProfileKind))}.",
        )
    needed = _LENGTH_OF.get(profile.kind)
    for name in _LENGTH_OF.values():
        length: float | None = getattr(profile, name)
        if name == needed and (length is None or not (math.isfinite(length) and length > 0)):
            raise ScriptError(
                f"is {length}; '{profile.kind}' needs it.",
                field=f"{path}.intensity.{name}",
                fix="Give a number of ticks above 0.",
            )
        if name != needed and length is not None:
            raise ScriptError(
                f"means nothing for '{profile.kind}'.",
                field=f"{path}.intensity.{name}",
                fix="Leave it out, or choose the kind it belongs to.",
            )
    if needed and script.operation in ("min", "max"):
        raise ScriptError(
            f"a bound cannot be in part in force, as '{profile.kind}' asks.",
            field=f"{path}.intensity.kind",
            fix="Use 'step' or 'pulse' with min and max.",
        )


def _check_probability(script: EventScript, path: str) -> None:
    if not 0.0 <= script.probability <= 1.0:
        raise ScriptError(
            f"is {script.probability}.",
            field=f"{path}.probability",
            fix="Use a number from 0 to 1.",
        )


def strength(script: EventScript, tick: int) -> float:
    """Return the intensity of a script at a tick, 0 to 1."""
    elapsed = tick - script.scope.start_tick
    if elapsed < 0 or (script.scope.end_tick is not None and tick > script.scope.end_tick):
        return 0.0
    return _profile_strength(script.intensity, elapsed)


def _profile_strength(profile: IntensityProfile, elapsed: int) -> float:
    if profile.kind == "pulse":
        return 1.0 if elapsed == 0 else 0.0
    if profile.kind == "linear_decay" and profile.duration_ticks is not None:
        return max(0.0, 1.0 - elapsed / profile.duration_ticks)
    if profile.kind == "exponential_decay" and profile.half_life_ticks is not None:
        return exponential(-LN2 * (elapsed / profile.half_life_ticks))
    if profile.kind == "lagged" and profile.lag_ticks is not None:
        return min(1.0, (elapsed + 1) / profile.lag_ticks)
    return 1.0
