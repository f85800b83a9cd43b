"""The variable registry: everything an event script may change, with its unit and its bounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.errors import VariableError

if TYPE_CHECKING:
    from agentverse_engine.choice_model import ChoiceModel

Kind = Literal["attribute", "parameter"]
OUTCOMES = ("installs", "stock")
PARAMETERS = ("replacement_rate", "conformity", "loss_aversion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One number of the simulated world; `default` is None where it differs by persona."""

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

    def __post_init__(self) -> None:
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


def _check_default(variable: Variable) -> None:
    if variable.kind == "attribute":
        if variable.default is not None or variable.alternative is None:
            raise VariableError(
                "is an attribute, whose values come from the personas.",
                field=variable.name,
                fix="Give it an alternative and no default.",
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


def generous_range(values: ArrayLike, *, headroom: float = 10.0) -> tuple[float, float]:
    """Return bounds that leave room for what-ifs: zero stays a floor when no value is below it."""
    observed = np.asarray(values, dtype=np.float64)
    if observed.size == 0 or not np.isfinite(observed).all():
        raise VariableError(
            "has no values, or values that are not finite.",
            field="values",
            fix="Give at least one finite number and leave out missing ones.",
        )
    low, high = float(observed.min()), float(observed.max())
    return min(0.0, headroom * low), max(0.0, headroom * high) or 1.0


def consumer_choice_variables(
    model: "ChoiceModel",
    *,
    attribute_ranges: Mapping[str, tuple[float, float]],
    family_labels: Mapping[str, str],
    family_units: Mapping[str, str],
    alternative_labels: Mapping[str, str],
    attribute_source: str,
    synonyms: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Variable, ...]:
    """Return the registry of the rule pack `consumer_choice`.

    `synonyms` maps a family, a parameter or a full variable name to the words people use for it.
    """
    words = {key: tuple(value) for key, value in (synonyms or {}).items()}
    attributes = tuple(
        Variable(
            name=f"{family}.{alternative}",
            label=f"{family_labels[family]} of {alternative_labels[alternative]}",
            unit=family_units[family],
            minimum=attribute_ranges[family][0],
            maximum=attribute_ranges[family][1],
            default=None,
            kind="attribute",
            family=family,
            alternative=alternative,
            moves=OUTCOMES,
            source=attribute_source,
            synonyms=words.get(family, ()) + words.get(f"{family}.{alternative}", ()),
        )
        for family in model.coefficients
        for alternative in model.alternatives
    )
    return attributes + consumer_choice_parameters(synonyms=words)


def consumer_choice_parameters(
    *, synonyms: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[Variable, ...]:
    """Return the three behavioural parameters with their literature defaults and bounds."""
    words = synonyms or {}
    return (
        _parameter(
            "replacement_rate",
            label="share of systems that reach their end of life each month",
            unit="per month",
            default=1 / 216,
            bounds=(0.0, 1.0),
            source="ASHRAE median furnace life of 18 years: one in 216 systems ends each month",
            synonyms=words.get("replacement_rate", ()),
        ),
        _parameter(
            "conformity",
            label="pull of what the neighbours have",
            unit="1",
            default=1.67,
            bounds=(0.0, 3.0),
            source="assumption: Bond & Smith 1996, d = 0.92, as log-odds d*pi/sqrt(3)",
            synonyms=words.get("conformity", ()),
        ),
        _parameter(
            "loss_aversion",
            label="weight of losses against gains, seen from the current system",
            unit="1",
            default=2.25,
            bounds=(1.0, 4.0),
            source="assumption: Tversky & Kahneman 1992, lambda = 2.25",
            synonyms=words.get("loss_aversion", ()),
        ),
    )


def _parameter(
    name: str,
    *,
    label: str,
    unit: str,
    default: float,
    bounds: tuple[float, float],
    source: str,
    synonyms: tuple[str, ...],
) -> Variable:
    return Variable(
        name=name,
        label=label,
        unit=unit,
        minimum=bounds[0],
        maximum=bounds[1],
        default=default,
        kind="parameter",
        family=name,
        alternative=None,
        moves=OUTCOMES,
        source=source,
        assumption=source.startswith("assumption:"),
        synonyms=synonyms,
    )
