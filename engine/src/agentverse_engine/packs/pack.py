"""A pack: the columns that evolve, the rules that move them, the variables that people may move."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PackError
from agentverse_engine.inputs.choice_model import MOST_ALTERNATIVES, ChoiceModel
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.numerics.canonical import freeze, listed
from agentverse_engine.numerics.number_checks import finite, whole
from agentverse_engine.rules.rule import NeighbourFilter, Rule

# Arrays that a rule without columns of its own may write into, for the rules after it.
HANDED_ON = frozenset({"utilities", "values", "counts"})
LARGEST_STORED = 2**31 - 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One real number of a persona that evolves, e.g. an opinion or a wealth.

    Stored as int32, `per_unit` steps to the unit (a power of two, or 100 for cents), so sums over
    neighbours and partitions are exact. A rule's value is rounded to the nearest step and kept
    within minimum … maximum. A persona starts from the population's attribute of this name, else
    from `default`. PackError: a name or numbers that cannot be used, a default outside the bounds,
    more steps than 32 bits hold.
    """

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    default: float
    per_unit: int = 2**24

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name == "choice":
            raise PackError(
                "is not a name for a level.",
                field=f"level '{self.name}'",
                fix="Use letters, digits and _; 'choice' is the column of the alternatives.",
            )
        _check_level_numbers(self)
        if not -math.inf < self.minimum <= self.default <= self.maximum < math.inf:
            raise PackError(
                f"starts at {self.default:g}, with bounds {self.minimum:g} and {self.maximum:g}.",
                field=self.name,
                fix="Give finite bounds with the default between them.",
            )
        largest = max(abs(self.minimum), abs(self.maximum)) * self.per_unit
        if largest > LARGEST_STORED:
            raise PackError(
                f"needs {largest:g} steps, more than 32 bits hold.",
                field=f"{self.name}.per_unit",
                fix="Use fewer steps to the unit, or narrower bounds.",
            )
        if self.low > self.high:
            raise PackError(
                f"has no step from {self.minimum:g} to {self.maximum:g}.",
                field=f"{self.name}.per_unit",
                fix="Use more steps to the unit, or wider bounds.",
            )

    @property
    def low(self) -> int:
        """The smallest stored number: 7 for 0.07 in cents, though 0.07 * 100 lies above 7."""
        nearest = round(self.minimum * self.per_unit)
        return nearest if nearest / self.per_unit >= self.minimum else nearest + 1

    @property
    def high(self) -> int:
        """The largest stored number."""
        nearest = round(self.maximum * self.per_unit)
        return nearest if nearest / self.per_unit <= self.maximum else nearest - 1

    def stored(self, values: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return float64[...] values as int32[...]: the nearest steps, within the bounds."""
        steps = np.floor(values * self.per_unit + 0.5)
        return np.clip(steps, self.low, self.high).astype(np.int32)


def _check_level_numbers(level: Level) -> None:
    for name in ("minimum", "maximum", "default"):
        value = getattr(level, name)
        if not isinstance(value, float):  # endless bounds and a default of nan are told further on
            finite(value, field=f"{level.name}.{name}", error=PackError)
    whole(
        level.per_unit,
        field=f"{level.name}.per_unit",
        least=1,
        most=LARGEST_STORED,
        error=PackError,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a level or an attribute differs between personas where the population does not say.

    quantiles: uniforms float64[n, draws], then one float64[n] for each column of `given`, to
    values float64[n]. given: columns that the population has or that earlier spreads draw.
    """

    column: str
    quantiles: Callable[..., NDArray[np.float64]]
    source: str
    draws: int = 1
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Rules with what they need.

    alternatives: labels of the one categorical column `choice` (a system, a vote, a status);
    levels: the real columns; rules: in the order in which they act within a tick; parameters,
    attributes: names of the variables that rules read, in the order of the kernel's tables;
    variables: the default registry (empty where it depends on the data); constants: float64[...] or
    numbers that rules may name; model: the choice model of a pack that has one; spreads: where
    personas start (`packs.completed`); labels: what people call the alternatives; outcome: the
    alternative that is looked at first. PackError: parts that contradict each other, as no rule, a
    name with two meanings, two rules with one purpose, a written column that does not exist.
    """

    name: str
    alternatives: tuple[str, ...]
    rules: tuple[Rule, ...]
    levels: tuple[Level, ...] = ()
    filters: tuple[NeighbourFilter, ...] = ()
    parameters: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    constants: Mapping[str, NDArray[np.float64] | float] = field(
        default_factory=dict[str, NDArray[np.float64] | float]
    )
    model: ChoiceModel | None = None
    spreads: tuple[Spread, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    outcome: str = ""

    def __post_init__(self) -> None:
        _hold(self)
        if not 1 <= len(self.alternatives) <= MOST_ALTERNATIVES:
            raise PackError(
                f"has {len(self.alternatives)} alternatives.",
                field=self.name,
                fix=f"Give 1 to {MOST_ALTERNATIVES}.",
            )
        if not self.rules:
            raise PackError("has no rule.", field=self.name, fix="Give at least one.")
        _check_names(self)
        _check_writes(self)
        _check_constants(self)

    @property
    def gate(self) -> Rule | None:
        """The rule that decides whether a persona acts at all in a tick."""
        return next((rule for rule in self.rules if rule.gate), None)

    def level(self, name: str) -> int:
        """Return the position of a level; PackError where the pack has none of this name."""
        names = [level.name for level in self.levels]
        if name not in names:
            raise PackError(
                f"'{name}' is no level.", field=self.name, fix=f"Use one of: {', '.join(names)}."
            )
        return names.index(name)


def _hold(pack: Pack) -> None:
    """Take lists as tuples and arrays as copies: the caller changes neither after the check."""
    kinds: dict[str, type] = {
        "alternatives": str,
        "rules": Rule,
        "levels": Level,
        "filters": NeighbourFilter,
        "parameters": str,
        "attributes": str,
        "variables": Variable,
        "spreads": Spread,
    }
    for name, of in kinds.items():
        kept = listed(getattr(pack, name), field=f"{pack.name}.{name}", of=of, error=PackError)
        freeze(pack, {name: kept})
    constants = {name: _own(value) for name, value in pack.constants.items()}
    freeze(pack, {"constants": constants, "labels": dict(pack.labels)})


def _own(value: NDArray[np.float64] | float) -> NDArray[np.float64] | float:
    if not isinstance(value, np.ndarray):
        return value
    own = value.copy()
    own.setflags(write=False)
    return own


def _check_names(pack: Pack) -> None:
    """Every name a rule may read means one thing."""
    groups = {
        "an alternative": pack.alternatives,
        "a level": tuple(level.name for level in pack.levels),
        "a rule": tuple(rule.name for rule in pack.rules),
        "a filter": tuple(item.name for item in pack.filters),
        "a variable": (*pack.parameters, *pack.attributes),
        "a constant": tuple(pack.constants),
    }
    for what, names in groups.items():
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise PackError(
                f"names {what} twice: {', '.join(repeated)}.",
                field=pack.name,
                fix="Rename one of them.",
            )
    readable = groups["a level"] + groups["a variable"] + groups["a constant"]
    double = sorted({name for name in readable if readable.count(name) > 1})
    if double:
        raise PackError(
            f"uses {', '.join(double)} for two things.", field=pack.name, fix="Rename one of them."
        )
    purposes = [rule.purpose for rule in pack.rules]
    if len(set(purposes)) != len(purposes):
        raise PackError(
            "has two rules that would share random numbers.",
            field=f"{pack.name}.rules",
            fix="Give each rule its own purpose.",
        )


def _check_writes(pack: Pack) -> None:
    columns = ("choice", *(level.name for level in pack.levels))
    for position, rule in enumerate(pack.rules):
        for name in rule.writes:
            if name not in columns:
                raise PackError(
                    f"writes '{name}', which is no column.",
                    field=f"{pack.name}.{rule.name}",
                    fix=f"Use one of: {', '.join(columns)}.",
                )
        if not rule.writes and not rule.gate and HANDED_ON.isdisjoint(rule.reads()):
            raise PackError(
                "writes no column, so that it does nothing.",
                field=f"{pack.name}.{rule.name}",
                fix="Name in `writes` what it returns, or make it a gate.",
            )
        if rule.gate and rule.social:
            raise PackError(
                "is a gate and social: without social rules nobody would know who acts.",
                field=f"{pack.name}.{rule.name}",
                fix="Let the gate be no social rule, or the social rule no gate.",
            )
        if rule.gate and (position > 0 or rule.writes):
            raise PackError(
                "is a gate that writes or that does not come first.",
                field=f"{pack.name}.{rule.name}",
                fix="Put the gate first, and let another rule write.",
            )


def _check_constants(pack: Pack) -> None:
    for name, value in pack.constants.items():
        if not isinstance(value, np.ndarray):
            finite(value, field=f"{pack.name}.{name}", error=PackError)
        elif value.dtype.kind not in "iuf" or not np.isfinite(value).all():
            raise PackError(
                "holds what is no finite number.",
                field=f"{pack.name}.{name}",
                fix="Give an array of finite numbers.",
            )
