"""The variable registry: everything an event script may change, with its unit and its bounds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.errors import VariableError
from agentverse_engine.numerics.number_checks import finite

Kind = Literal["attribute", "parameter"]
SHARES = ("flows", "stock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupling:
    """What a parameter does to a later one: its target moves by `per_unit` for each unit that
    the first lies above its default."""

    variable: str
    per_unit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One number of the simulated world; `default` is None where it differs by persona.

    attribute: the personas have it; parameter: the same for all of a segment and region.
    inertia: the share of its last value that a parameter keeps at each tick, 0 to below 1 (Koyck
    1954): v(t) = inertia v(t-1) + (1 - inertia) target. couplings: what else its target moves.
    VariableError: numbers that are not finite or a default outside the range, an attribute with a
    default or a parameter without one, inertia or couplings that cannot be.
    """

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    default: float | None
    kind: Kind
    family: str
    alternative: str | None
    moves: tuple[str, ...]
    source: str
    assumption: bool = False
    synonyms: tuple[str, ...] = ()
    inertia: float = 0.0
    couplings: tuple[Coupling, ...] = ()

    def __post_init__(self) -> None:
        _check_numbers(self)
        if not (math.isfinite(self.minimum) and math.isfinite(self.maximum)):
            raise VariableError(
                "has an endless range.", field=self.name, fix="Give a finite minimum and maximum."
            )
        if self.minimum > self.maximum:
            raise VariableError(
                f"has minimum {self.minimum:g} above maximum {self.maximum:g}.",
                field=self.name,
                fix="Swap them.",
            )
        _check_default(self)
        _check_dynamics(self)


def parameter(
    name: str,
    *,
    label: str,
    default: float,
    bounds: tuple[float, float],
    source: str,
    unit: str = "1",
    moves: tuple[str, ...] = SHARES,
    alternative: str | None = None,
    family: str | None = None,
    synonyms: tuple[str, ...] = (),
    inertia: float = 0.0,
    couplings: tuple[Coupling, ...] = (),
) -> Variable:
    """Return a parameter; a source that begins with "assumption:" marks it as one.

    Raises VariableError as Variable does.
    """
    return Variable(
        name=name,
        label=label,
        unit=unit,
        minimum=bounds[0],
        maximum=bounds[1],
        default=default,
        kind="parameter",
        family=family or name,
        alternative=alternative,
        moves=moves,
        source=source,
        assumption=source.startswith("assumption:"),
        synonyms=synonyms,
        inertia=inertia,
        couplings=couplings,
    )


def attribute(
    name: str,
    *,
    label: str,
    bounds: tuple[float, float],
    source: str,
    unit: str = "1",
    moves: tuple[str, ...] = SHARES,
    synonyms: tuple[str, ...] = (),
) -> Variable:
    """Return an attribute, whose values come from the personas.

    Raises VariableError as Variable does.
    """
    return Variable(
        name=name,
        label=label,
        unit=unit,
        minimum=bounds[0],
        maximum=bounds[1],
        default=None,
        kind="attribute",
        family=name,
        alternative=None,
        moves=moves,
        source=source,
        assumption=source.startswith("assumption:"),
        synonyms=synonyms,
    )


def _check_numbers(variable: Variable) -> None:
    """Text and truth values are no numbers; infinite and absent ones have messages of their own."""
    given = {"default": variable.default, "inertia": variable.inertia}
    given |= {"minimum": variable.minimum, "maximum": variable.maximum}
    for name, value in given.items():
        if value is None and name == "default":
            continue
        if isinstance(value, float) and not math.isfinite(value):
            continue
        finite(value, field=f"{variable.name}.{name}", error=VariableError)


def _check_default(variable: Variable) -> None:
    if variable.kind == "attribute":
        if variable.default is not None:
            raise VariableError(
                "is an attribute, whose values come from the personas.",
                field=variable.name,
                fix="Give it no default.",
            )
        return
    if variable.default is None:
        raise VariableError(
            "is a parameter without a default.", field=variable.name, fix="Give it a default."
        )
    if not variable.minimum <= variable.default <= variable.maximum:
        raise VariableError(
            f"has default {variable.default:g} outside its range "
            f"{variable.minimum:g} to {variable.maximum:g}.",
            field=variable.name,
            fix="Choose a default inside the range, or widen the range.",
        )


def _check_dynamics(variable: Variable) -> None:
    if not 0.0 <= variable.inertia < 1.0:
        raise VariableError(
            f"has inertia {variable.inertia}.",
            field=f"{variable.name}.inertia",
            fix="Use a number from 0 to below 1.",
        )
    if variable.kind == "attribute" and (variable.inertia or variable.couplings):
        raise VariableError(
            "is an attribute: only parameters have inertia and couplings.",
            field=variable.name,
            fix="Leave them out, or make it a parameter.",
        )
    for coupling in variable.couplings:
        if not math.isfinite(coupling.per_unit):
            raise VariableError(
                f"moves {coupling.variable} by {coupling.per_unit} per unit.",
                field=f"{variable.name}.couplings",
                fix="Give a finite number.",
            )


def check_registry(variables: Sequence[Variable], needed: Sequence[str]) -> None:
    """Raise a VariableError unless the registry holds exactly what the rules read, each once."""
    names = [variable.name for variable in variables]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise VariableError(
            f"holds {', '.join(repeated)} twice.", field="variables", fix="Name each once."
        )
    for name in sorted(set(needed) - set(names)):
        raise VariableError(
            "is missing from the registry.",
            field=name,
            fix="Build the registry with the function of the pack, or add it.",
        )
    for name in sorted(set(names) - set(needed)):
        raise VariableError(
            "is in the registry, but no rule reads it.",
            field=name,
            fix="Remove it, or add a rule that reads it.",
        )
    _check_couplings(variables)


def check_kinds(variables: Sequence[Variable], parameters: Sequence[str]) -> None:
    """Raise a VariableError where a pack's parameter is registered as an attribute, or the
    other way round."""
    for variable in variables:
        kind = "parameter" if variable.name in parameters else "attribute"
        if variable.kind != kind:
            raise VariableError(
                f"is registered as {variable.kind}; the pack reads it as {kind}.",
                field=variable.name,
                fix=f"Register it with av.{kind}.",
            )


def _check_couplings(variables: Sequence[Variable]) -> None:
    """Couplings point forward in the registry, so one pass settles them and none go in circles."""
    position = {variable.name: index for index, variable in enumerate(variables)}
    for variable in variables:
        for coupling in variable.couplings:
            aim = position.get(coupling.variable, -1)
            if aim <= position[variable.name] or variables[aim].kind != "parameter":
                raise VariableError(
                    f"is coupled to '{coupling.variable}', which is no later parameter.",
                    field=f"{variable.name}.couplings",
                    fix="Couple only to parameters that come later in the registry.",
                )


def generous_range(values: ArrayLike, *, headroom: float = 10.0) -> tuple[float, float]:
    """Return bounds that leave room for what-ifs: zero stays a floor when no value is below it.

    values: float64[...], as observed; bounds reach to `headroom` times the extremes, in the same
    unit. VariableError: no value, or one that is not finite.
    """
    observed = np.asarray(values, dtype=np.float64)
    if observed.size == 0 or not np.isfinite(observed).all():
        raise VariableError(
            "has no values, or values that are not finite.",
            field="values",
            fix="Give at least one finite number and leave out missing ones.",
        )
    low, high = float(observed.min()), float(observed.max())
    return min(0.0, headroom * low), max(0.0, headroom * high) or 1.0
