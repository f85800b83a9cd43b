"""Whether event scripts can be carried out: checked before a run, naming what is at fault."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, get_args

from agentverse_engine.errors import ScriptError
from agentverse_engine.inputs.events import (
    SCOPE_LISTS,
    Comparison,
    Condition,
    EventScript,
    Hold,
    IntensityProfile,
    Operation,
    ProfileKind,
    Scope,
    Where,
)
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.numerics.number_checks import finite, whole

LARGEST_FACTOR = 1_000_000
LARGEST_PRODUCT = 1e100  # of all factors on one variable: its products stay finite
MOST_NAMED_PERSONAS = 1_000_000
LARGEST_ID = 2**32 - 1

Ranges = Mapping[str, tuple[float, float]]
NOTHING: Final[Ranges] = MappingProxyType({})


def validate_scripts(
    scripts: Sequence[EventScript],
    *,
    variables: Sequence[Variable],
    segments: Sequence[str],
    regions: Sequence[str],
    horizon: int,
    attributes: Collection[str] = (),
    outcomes: Ranges = NOTHING,
) -> None:
    """Raise a ScriptError naming the first field that cannot be carried out.

    attributes: what `where` may compare; outcomes: what a condition may look at, and
    the least and the largest that it can be.
    """
    registry = {variable.name: variable for variable in variables}
    for position, script in enumerate(scripts):
        path = f"event_scripts[{position}]"
        _check_shape(script, path)
        _check_where(script.scope, attributes, path)
        _check_condition(script.condition, outcomes, path)
        _check_variable(script, registry, path)
        _check_value(script, registry[script.variable], path)
        _check_scope(script.scope, segments, regions, path)
        _check_ticks(script.scope, horizon, path)
        _check_intensity(script, path)
        _check_probability(script, path)
    _check_bundles(scripts)
    _check_factors(scripts)


def _check_shape(script: EventScript, path: str) -> None:
    if not isinstance(script, EventScript):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ScriptError(f"is {script!r:.60}.", field=path, fix="Give an EventScript.")
    _check_parts(script, path)
    lists = {f"scope.{name}": getattr(script.scope, name) for name in SCOPE_LISTS}
    for name, value in (lists | {"intensity.values": script.intensity.values}).items():
        if not isinstance(value, tuple | list):
            raise ScriptError(
                f"is {value!r:.60}.", field=f"{path}.{name}", fix="Give a tuple, also of one."
            )
    for index, item in enumerate(script.scope.where):
        _check_part(item, Where, f"{path}.scope.where[{index}]")
    for name in ("variable", "label", "bundle"):
        if not isinstance(getattr(script, name), str):
            raise ScriptError("is not text.", field=f"{path}.{name}", fix="Give text.")


def _check_parts(script: EventScript, path: str) -> None:
    _check_part(script.scope, Scope, f"{path}.scope")
    _check_part(script.intensity, IntensityProfile, f"{path}.intensity")
    if script.condition is not None:
        _check_part(script.condition, Condition, f"{path}.condition")


def _check_part(part: object, kind: type, field: str) -> None:
    if not isinstance(part, kind):
        raise ScriptError(f"is {part!r:.60}.", field=field, fix=f"Give a {kind.__name__}.")


def _check_factors(scripts: Sequence[EventScript]) -> None:
    """Factors on one variable multiply; together they must stay numbers."""
    products: dict[str, float] = {}
    for position, script in enumerate(scripts):
        if script.operation != "multiply" or script.value <= 1:
            continue
        products[script.variable] = products.get(script.variable, 1.0) * script.value
        if products[script.variable] > LARGEST_PRODUCT:
            raise ScriptError(
                f"brings what multiplies {script.variable} to more than {LARGEST_PRODUCT:g}.",
                field=f"event_scripts[{position}].value",
                fix="Use smaller factors or fewer scripts, or 'set' the value.",
            )


def _check_bundles(scripts: Sequence[EventScript]) -> None:
    probabilities: dict[str, float] = {}
    for position, script in enumerate(scripts):
        if not script.bundle:
            continue
        probability = probabilities.setdefault(script.bundle, script.probability)
        if script.probability != probability:
            raise ScriptError(
                f"is {_in_full(script.probability)}, but the bundle '{script.bundle}' has "
                f"{_in_full(probability)}.",
                field=f"event_scripts[{position}].probability",
                fix="Give all scripts of a bundle the same probability.",
            )


def _check_where(scope: Scope, attributes: Collection[str], path: str) -> None:
    for index, item in enumerate(scope.where):
        field = f"{path}.scope.where[{index}]"
        _check_name(item.attribute, attributes, f"{field}.attribute")
        _check_comparison(item.comparison, item.value, field)
    _check_personas(scope.personas, f"{path}.scope.personas")
    if len(scope.personas) > MOST_NAMED_PERSONAS:
        raise ScriptError(
            f"names {len(scope.personas):,} personas.",
            field=f"{path}.scope.personas",
            fix=f"Name at most {MOST_NAMED_PERSONAS:,}, or use regions, segments or where.",
        )


def _check_personas(personas: Sequence[int], field: str) -> None:
    if not personas:
        return
    plain = {*map(type, personas)} == {int}  # of a million ids, at once
    if plain and min(personas) >= 0 and max(personas) <= LARGEST_ID:
        return
    for index, persona in enumerate(personas):
        whole(persona, field=f"{field}[{index}]", least=0, most=LARGEST_ID, error=ScriptError)


def _check_condition(condition: Condition | None, outcomes: Ranges, path: str) -> None:
    if condition is None:
        return
    field = f"{path}.condition"
    _check_name(condition.outcome, outcomes, f"{field}.outcome")
    _check_comparison(condition.comparison, condition.value, field)
    low, high = outcomes[condition.outcome]
    if not low <= condition.value <= high:
        raise ScriptError(
            f"is {_in_full(condition.value)}, which {condition.outcome} never reaches.",
            field=f"{field}.value",
            fix=f"Use {_in_full(low)} to {_in_full(high)}; a share of 20 % is 0.2.",
        )
    if condition.hold not in get_args(Hold):
        raise ScriptError(
            f"'{condition.hold}' is unknown.",
            field=f"{field}.hold",
            fix=f"Use one of: {', '.join(get_args(Hold))}.",
        )


def _check_name(name: str, allowed: Collection[str], field: str) -> None:
    if name not in allowed:
        raise ScriptError(
            f"'{name}' does not exist here.",
            field=field,
            fix=f"Use one of: {', '.join(sorted(allowed))}.",
        )


def _check_comparison(comparison: str, value: float, field: str) -> None:
    if comparison not in get_args(Comparison):
        raise ScriptError(
            f"'{comparison}' is unknown.",
            field=f"{field}.comparison",
            fix=f"Use one of: {' '.join(get_args(Comparison))}.",
        )
    finite(value, field=f"{field}.value", error=ScriptError)


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
    finite(script.value, field=field, error=ScriptError)
    if script.operation == "multiply":
        if not 0 <= script.value <= LARGEST_FACTOR:
            raise ScriptError(
                f"multiplies by {_in_full(script.value)}.",
                field=field,
                fix=f"Use a factor from 0 to {LARGEST_FACTOR:,}: 30 % less is 0.7.",
            )
        return
    low, high = variable.minimum, variable.maximum
    if script.operation == "add":
        low, high = variable.minimum - variable.maximum, variable.maximum - variable.minimum
    if not low <= script.value <= high:
        unit = "" if variable.unit == "1" else f" {variable.unit}"
        raise ScriptError(
            f"is {_in_full(script.value)}, outside what {variable.label} allows.",
            field=field,
            fix=f"Use {_in_full(low)} to {_in_full(high)}{unit} for '{script.operation}'.",
        )


def _in_full(number: float) -> str:
    """Write a number in full: rounded, one just outside its range would look valid."""
    return f"{number:.15g}"


def _check_scope(scope: Scope, segments: Sequence[str], regions: Sequence[str], path: str) -> None:
    for field, asked, allowed in (
        ("regions", scope.regions, regions),
        ("segments", scope.segments, segments),
    ):
        for label in asked:
            if label not in allowed:
                raise ScriptError(
                    f"'{label}' does not exist in this population.",
                    field=f"{path}.scope.{field}",
                    fix=f"Use one of: {', '.join(allowed)}.",
                )


def _check_ticks(scope: Scope, horizon: int, path: str) -> None:
    for name in ("start_tick", "end_tick"):
        tick: object = getattr(scope, name)
        if tick is not None or name == "start_tick":
            field = f"{path}.scope.{name}"
            whole(tick, field=field, least=0, most=None, error=ScriptError)
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


_LENGTHS: Mapping[str, tuple[str, ...]] = {
    "duration_ticks": ("linear_decay", "pulse"),
    "half_life_ticks": ("exponential_decay",),
    "lag_ticks": ("lagged",),
}
_OPTIONAL = ("pulse",)
_IN_PART = ("linear_decay", "exponential_decay", "lagged", "custom")


def _check_intensity(script: EventScript, path: str) -> None:
    profile = script.intensity
    if profile.kind not in get_args(ProfileKind):
        raise ScriptError(
            f"'{profile.kind}' is unknown.",
            field=f"{path}.intensity.kind",
            fix=f"Use one of: {', '.join(get_args(ProfileKind))}.",
        )
    for name, kinds in _LENGTHS.items():
        _check_length(profile, name, kinds, f"{path}.intensity.{name}")
    _check_values(profile, f"{path}.intensity.values")
    if profile.kind in _IN_PART and script.operation in ("min", "max"):
        raise ScriptError(
            f"a bound cannot be in part in force, as '{profile.kind}' asks.",
            field=f"{path}.intensity.kind",
            fix="Use 'step' or 'pulse' with min and max.",
        )


def _check_length(profile: IntensityProfile, name: str, kinds: tuple[str, ...], field: str) -> None:
    length: float | None = getattr(profile, name)
    if profile.kind in kinds:
        if length is None and profile.kind in _OPTIONAL:
            return
        if length is None:
            raise ScriptError(
                f"is missing; '{profile.kind}' needs it.",
                field=field,
                fix="Give a number of ticks above 0.",
            )
        if name != "half_life_ticks":
            whole(length, field=field, least=1, most=None, error=ScriptError)
        elif finite(length, field=field, error=ScriptError) <= 0:
            raise ScriptError(f"is {length}.", field=field, fix="Give a number above 0.")
    elif length is not None:
        raise ScriptError(
            f"means nothing for '{profile.kind}'.",
            field=field,
            fix="Leave it out, or choose the kind it belongs to.",
        )


def _check_values(profile: IntensityProfile, field: str) -> None:
    if (profile.kind == "custom") != bool(profile.values):
        raise ScriptError(
            f"has {len(profile.values)} entries for '{profile.kind}'.",
            field=field,
            fix="Give one intensity a tick with 'custom', and none otherwise.",
        )
    for index, value in enumerate(profile.values):
        share = finite(value, field=f"{field}[{index}]", error=ScriptError)
        if not 0.0 <= share <= 1.0:
            raise ScriptError(f"is {value}.", field=f"{field}[{index}]", fix="Use 0 to 1.")


def _check_probability(script: EventScript, path: str) -> None:
    probability = finite(script.probability, field=f"{path}.probability", error=ScriptError)
    if not 0.0 <= probability <= 1.0:
        raise ScriptError(
            f"is {script.probability}.",
            field=f"{path}.probability",
            fix="Use a number from 0 to 1.",
        )
