"""What a scenario's draws put in place of the model's numbers and of the registry's defaults."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import ScenarioError
from agentverse_engine.inputs.draws import Draws
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.numerics.canonical import content_digest
from agentverse_engine.packs.pack import Pack

Floats = NDArray[np.float64]
NOTHING_DRAWN = Draws()


def checked_draws(
    draws: object, pack: Pack, variables: Sequence[Variable], replicates: int
) -> Draws:
    """Return the draws of the first `replicates` replicates.

    Raises a ScenarioError for fewer, for names that are no coefficient, constant or parameter,
    and for values outside the bounds of their parameter.
    """
    if not isinstance(draws, Draws):
        raise ScenarioError(f"is {draws!r:.60}.", field="draws", fix="Give Draws(…).")
    if not draws.replicates:
        return draws
    if draws.replicates < replicates:
        raise ScenarioError(
            f"hold {draws.replicates} values; there are {replicates} replicates.",
            field="draws",
            fix="Draw one value for each replicate, or run as many replicates as there are values.",
        )
    _check_names("coefficients", draws.coefficients, _names(pack)["coefficients"])
    _check_names("constants", draws.constants, _names(pack)["constants"])
    parameters = {item.name: item for item in variables if item.default is not None}
    _check_names("parameters", draws.parameters, tuple(parameters))
    for name, values in draws.parameters.items():
        _check_bounds(parameters[name], values)
    return draws.rows(0, replicates)


def draws_terms(
    draws: Draws, pack: Pack, variables: Sequence[Variable], first: int, last: int
) -> dict[str, object]:
    """Return what of the draws of replicates first … last-1 is in a digest, by name.

    Draws that are what they stand in for, in every replicate, change nothing: a scenario with them
    has the digest of one without.
    """
    if not draws.replicates:
        return {}
    base = _base(pack, variables)
    moved = {
        name: values[first:last]
        for name, values in draws.named()
        if (values[first:last] != base[name]).any()
    }
    if not moved:
        return {}
    return {"draws": content_digest("draws", labels=sorted(moved), arrays=moved)}


def choice_table(draws: Draws, pack: Pack, name: str) -> Floats:
    """Return float64[rows, families] for "coefficients", float64[rows, alternatives] for
    "constants": a row for each replicate, or one for all where nothing of the model is drawn."""
    base = np.asarray(pack.constants[name], dtype=np.float64)
    rows = draws.replicates if draws.coefficients or draws.constants else 1
    table = np.tile(base, (rows, 1))
    drawn = draws.coefficients if name == "coefficients" else draws.constants
    for one, values in drawn.items():
        table[:, _names(pack)[name].index(one)] = values
    return table


def default_table(draws: Draws, variables: Sequence[Variable]) -> Floats:
    """Return float64[rows, variables], the defaults (nan for attributes): a row for each
    replicate, or one for all where no parameter is drawn."""
    base = np.array([item.default for item in variables], dtype=np.float64)
    table = np.tile(base, (draws.replicates if draws.parameters else 1, 1))
    for position, item in enumerate(variables):
        if item.name in draws.parameters:
            table[:, position] = draws.parameters[item.name]
    return table


def is_drawable(pack: Pack, constant: str) -> bool:
    """Whether a constant of a pack is one of the choice model's, which draws may stand in for."""
    return pack.model is not None and constant in ("coefficients", "constants")


def _names(pack: Pack) -> Mapping[str, tuple[str, ...]]:
    if pack.model is None:
        return {"coefficients": (), "constants": ()}
    drawable = {"coefficients": tuple(pack.model.coefficients), "constants": pack.alternatives}
    return {name: names if name in pack.constants else () for name, names in drawable.items()}


def _base(pack: Pack, variables: Sequence[Variable]) -> dict[str, float]:
    base = {f"draws.parameters.{item.name}": item.default for item in variables}
    for kind, names in _names(pack).items():
        if names:
            values = np.asarray(pack.constants[kind]).tolist()
            base |= {
                f"draws.{kind}.{name}": value for name, value in zip(names, values, strict=True)
            }
    return {name: float(value) for name, value in base.items() if value is not None}


def _check_names(kind: str, given: Mapping[str, Floats], allowed: Sequence[str]) -> None:
    for name in given:
        if name not in allowed:
            listed = ", ".join(allowed) or "none: the pack has no such number"
            raise ScenarioError(
                f"is none of the {kind}.",
                field=f"draws.{kind}.{name}",
                fix=f"Use one of: {listed}.",
            )


def _check_bounds(variable: Variable, values: Floats) -> None:
    outside = np.flatnonzero((values < variable.minimum) | (values > variable.maximum))
    if outside.size:
        raise ScenarioError(
            f"is {values[outside[0]]:g} in replicate {outside[0]}, outside its range "
            f"{variable.minimum:g} to {variable.maximum:g} ({outside.size} such values).",
            field=f"draws.parameters.{variable.name}",
            fix="Draw within the bounds, or widen the variable's range.",
        )
