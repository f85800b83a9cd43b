"""A scenario: everything a run depends on, checked as a whole and content-hashed."""

from collections.abc import Callable, Collection, Sequence
from copy import copy
from dataclasses import astuple, dataclass, field, replace
from hashlib import sha256
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import RuleError, ScenarioError, ScriptError, VariableError
from agentverse_engine.html_tables import html_table
from agentverse_engine.inputs.choice_model import ChoiceModel
from agentverse_engine.inputs.draws import Draws
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.inputs.population import Population
from agentverse_engine.inputs.script_checks import validate_scripts
from agentverse_engine.inputs.variables import Variable, check_kinds, check_registry
from agentverse_engine.networks import Network
from agentverse_engine.numerics.canonical import content_digest, freeze, listed
from agentverse_engine.numerics.compiled import code_terms
from agentverse_engine.numerics.number_checks import whole, yes_or_no
from agentverse_engine.numerics.rng import seed_key
from agentverse_engine.packs.pack import Pack
from agentverse_engine.scenario.draw_tables import NOTHING_DRAWN, checked_draws, draws_terms
from agentverse_engine.version import SEMANTICS

# What is defined but seldom meant, so that a run refuses it unless the scenario allows it.
PlausibilityCheck = Literal["isolated_personas", "empty_groups", "idle_scripts"]
PLAUSIBILITY_CHECKS: tuple[PlausibilityCheck, ...] = get_args(PlausibilityCheck)
_LISTED_CHECKS = f"Give a tuple of any of {', '.join(PLAUSIBILITY_CHECKS)}."

LONGEST_HORIZON = 100_000
MOST_REPLICATES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False, weakref_slot=True)
class Scenario:
    """Population, network, rules, registry and scripts, over `horizon` ticks and `replicates`.

    variables: the registry; left out, the pack's own. With `social_rules` off the rules that a
    pack marks as social are left out, whatever scripts say.

    allow: the plausibility checks that may fail, because it is meant: "isolated_personas" have
    no neighbour, "empty_groups" are segments or regions without personas, "idle_scripts" reach
    nobody. It changes no bit of a run, so it is no part of the digest; branches inherit it.

    draws: of coefficients, constants and parameters, a value for each replicate (of more, the
    first are taken). Branches inherit it, so a replicate has the same values in both. Event scripts
    act on what was drawn.

    ScenarioError: counts, draws or parts that do not fit together; VariableError: a registry that
    does not fit the pack; ScriptError: a script that cannot be carried out on them; RequestError: a
    seed out of range.
    """

    population: Population
    network: Network
    pack: Pack
    variables: tuple[Variable, ...] = ()
    event_scripts: tuple[EventScript, ...] = ()
    horizon: int = 36
    seed: int = 20
    replicates: int = 20
    social_rules: bool = True
    allow: Collection[PlausibilityCheck] = ()
    draws: Draws = NOTHING_DRAWN
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        scripts = listed(
            self.event_scripts, field="event_scripts", of=EventScript, error=ScriptError
        )
        variables = listed(
            self.variables or self.pack.variables,
            field="variables",
            of=Variable,
            error=VariableError,
        )
        freeze(self, {"event_scripts": scripts, "variables": variables})
        _check_counts(self)
        _check_allow(self)
        _check_people(self)
        check_registry(self.variables, (*self.pack.parameters, *self.pack.attributes))
        check_kinds(self.variables, self.pack.parameters)
        draws = checked_draws(self.draws, self.pack, self.variables, self.replicates)
        freeze(self, {"draws": draws})
        _check_attribute_values(self)
        _check_start(self)
        _check_scripts(self)
        _sign(self)

    @property
    def model(self) -> ChoiceModel:
        """Return the choice model; ScenarioError where the pack has none."""
        if self.pack.model is None:
            raise ScenarioError(
                f"'{self.pack.name}' has no choice model.",
                field="pack",
                fix="Use the pack consumer_choice.",
            )
        return self.pack.model

    def terms(self) -> dict[str, object]:
        """Return what the digest is made of, as JSON-able values by name."""
        return _terms(self)

    def draws_terms(self, first: int, last: int) -> dict[str, object]:
        """Return what of the draws of replicates first … last-1 is in a digest, by name."""
        return draws_terms(self.draws, self.pack, self.variables, first, last)

    def event_scripts_terms(self) -> list[list[object]]:
        """Return what of each script is in the digest."""
        return [_script_terms(script) for script in self.event_scripts]

    def __repr__(self) -> str:
        rules = "with" if self.social_rules else "without"
        return (
            f"Scenario({len(self.population):,} personas, {self.horizon} ticks, "
            f"{self.replicates} replicates, {len(self.event_scripts)} event scripts, "
            f"{rules} social rules, seed {self.seed}, {self.digest[:12]})"
        )

    def _repr_html_(self) -> str:
        pack, population = self.pack, self.population
        scripts = [script.label or script.variable for script in self.event_scripts]
        rows = {
            "population": repr(population),
            "network": f"mean degree {self.network.indices.size / len(self.network):.1f}",
            "pack": f"{pack.name}: {', '.join(pack.alternatives)}",
            "levels": ", ".join(level.label for level in pack.levels) or "none",
            "event scripts": "; ".join(scripts) or "none",
            "social rules": "on" if self.social_rules else "off",
            "draws": repr(self.draws) if self.draws.replicates else "none",
            "run": f"{self.horizon} ticks, {self.replicates} replicates, seed {self.seed}",
            "digest": self.digest[:12],
        }
        return html_table("Scenario", rows)

    def branch(self, event_scripts: Sequence[EventScript]) -> "Scenario":
        """Return this scenario with more scripts; it shares every random number with this one.

        Raises ScriptError for one that cannot be carried out.
        """
        # Only the scripts are new: a million personas need not be checked again to fork a run.
        branch = copy(self)
        more = listed(event_scripts, field="event_scripts", of=EventScript, error=ScriptError)
        object.__setattr__(branch, "event_scripts", (*self.event_scripts, *more))
        _check_scripts(branch)
        _sign(branch)
        return branch

    def without_social_rules(self) -> "Scenario":
        """Return this scenario with conformity and loss aversion switched off."""
        return replace(self, social_rules=False)


def check_unchanged(scenario: Scenario) -> None:
    """Raise a RuleError if a rule's code, or what it names outside itself, is no longer the same.

    The digest would name another scenario than the one that runs.
    """
    if content_digest("scenario", labels=_terms(scenario), arrays={}) != scenario.digest:
        raise RuleError(
            "has a rule whose code, or a number it names, changed after the scenario was made.",
            field=scenario.pack.name,
            fix="Make the scenario anew: replace(scenario) does.",
        )


def attribute_columns(scenario: Scenario) -> NDArray[np.int64]:
    """Return int64[attributes], the population column of each attribute of the pack."""
    population = scenario.population
    return np.array(
        [population.attribute_position(name) for name in scenario.pack.attributes], dtype=np.int64
    )


def _check_counts(scenario: Scenario) -> None:
    for name, value, most in (
        ("horizon", scenario.horizon, LONGEST_HORIZON),
        ("replicates", scenario.replicates, MOST_REPLICATES),
    ):
        number = whole(value, field=name, least=1, most=most, error=ScenarioError)
        object.__setattr__(scenario, name, number)
    seed_key(scenario.seed)
    object.__setattr__(scenario, "seed", int(scenario.seed))
    social = yes_or_no(scenario.social_rules, field="social_rules", error=ScenarioError)
    object.__setattr__(scenario, "social_rules", social)


def _check_allow(scenario: Scenario) -> None:
    names = _names(scenario.allow)
    unknown = [name for name in names if name not in PLAUSIBILITY_CHECKS]
    if unknown:
        raise ScenarioError(
            f"names {unknown[0]!r}, which is no plausibility check.",
            field="allow",
            fix=_LISTED_CHECKS,
        )
    allowed = tuple(name for name in PLAUSIBILITY_CHECKS if name in names)
    object.__setattr__(scenario, "allow", allowed)


def _names(given: object) -> list[object]:
    # A string is a collection too, of letters.
    if isinstance(given, str) or not isinstance(given, Collection):
        raise ScenarioError(
            f"is {given!r}, no collection of names.", field="allow", fix=_LISTED_CHECKS
        )
    return list(cast("Collection[object]", given))


def _check_people(scenario: Scenario) -> None:
    population, alternatives = scenario.population, scenario.pack.alternatives
    if len(scenario.network) != len(population):
        raise ScenarioError(
            f"joins {len(scenario.network)} personas, the population has {len(population)}.",
            field="network",
            fix="Build the network over this population.",
        )
    bad = np.flatnonzero(population.choice >= len(alternatives))
    if bad.size:
        raise ScenarioError(
            f"is {population.choice[bad[0]]} in row {bad[0]}; "
            f"there are {len(alternatives)} alternatives.",
            field="population.choice",
            fix=f"Use indices from 0 to {len(alternatives) - 1}.",
        )


def _check_attribute_values(scenario: Scenario) -> None:
    for variable in scenario.variables:
        if variable.kind == "parameter":
            continue
        if variable.name not in scenario.population.attributes:
            raise ScenarioError(
                "is no attribute of the population.",
                field=variable.name,
                fix="Add one value per persona.",
            )
        values = scenario.population.attributes[variable.name]
        outside = np.flatnonzero((values < variable.minimum) | (values > variable.maximum))
        if outside.size:
            raise ScenarioError(
                f"is {values[outside[0]]:g} in row {outside[0]}, outside its range "
                f"{variable.minimum:g} to {variable.maximum:g} ({outside.size} such rows).",
                field=variable.name,
                fix="Correct these rows or widen the variable's range.",
            )


def _check_start(scenario: Scenario) -> None:
    """Levels that the population brings lie within their bounds."""
    given = scenario.population.attributes
    starts = [
        (level, name)
        for level in scenario.pack.levels
        for name in (level.name, f"start_{level.name}")
        if name in given
    ]
    for level, name in starts:
        values = given[name]
        outside = np.flatnonzero((values < level.minimum) | (values > level.maximum))
        if outside.size:
            raise ScenarioError(
                f"starts at {values[outside[0]]:g} in row {outside[0]}, outside its bounds "
                f"{level.minimum:g} to {level.maximum:g} ({outside.size} such rows).",
                field=name,
                fix="Correct these rows, or use a pack with wider bounds.",
            )


def _check_scripts(scenario: Scenario) -> None:
    population, pack = scenario.population, scenario.pack
    validate_scripts(
        scenario.event_scripts,
        variables=scenario.variables,
        segments=population.segments,
        regions=population.regions,
        horizon=scenario.horizon,
        attributes=tuple(population.attributes),
        outcomes={
            **dict.fromkeys(pack.alternatives, (0.0, 1.0)),
            **{level.name: (level.minimum, level.maximum) for level in pack.levels},
        },
    )
    _check_named_personas(scenario)


def _sign(scenario: Scenario) -> None:
    digest = content_digest("scenario", labels=_terms(scenario), arrays={})
    object.__setattr__(scenario, "digest", digest)


def _check_named_personas(scenario: Scenario) -> None:
    for position, script in enumerate(scenario.event_scripts):
        if not script.scope.personas:
            continue
        named = np.array(script.scope.personas, dtype=np.int64)
        unknown = named[~np.isin(named, scenario.population.ids)]
        if unknown.size:
            raise ScriptError(
                f"names {unknown[0]}, which is nobody's id.",
                field=f"event_scripts[{position}].scope.personas",
                fix="Use ids of this population.",
            )


def _terms(scenario: Scenario) -> dict[str, object]:
    pack = scenario.pack
    return {
        "semantics": SEMANTICS,
        "population": scenario.population.digest,
        "network": scenario.network.digest,
        "pack": _pack_terms(pack),
        "variables": [_variable_terms(variable) for variable in scenario.variables],
        "event_scripts": [_script_terms(script) for script in scenario.event_scripts],
        "horizon": scenario.horizon,
        "seed": scenario.seed,
        "replicates": scenario.replicates,
        "social_rules": scenario.social_rules,
        **scenario.draws_terms(0, scenario.replicates),
    }


def _pack_terms(pack: Pack) -> list[object]:
    """What of a pack changes numbers: columns, constants, rules."""
    return [
        pack.name,
        list(pack.alternatives),
        [[level.name, level.low, level.high, level.per_unit] for level in pack.levels],
        [[rule.name, rule.purpose, *rule.writes, _code(rule.plain)] for rule in pack.rules],
        [[item.name, _code(item.plain)] for item in pack.filters],
        [[name, np.asarray(value).tolist()] for name, value in pack.constants.items()],
    ]


def _code(function: Callable[..., object]) -> str:
    """The engine's rules are identified by its version, others by their code."""
    if (function.__module__ or "").startswith("agentverse_engine."):
        return ""
    return sha256(repr(code_terms(function)).encode()).hexdigest()


def _variable_terms(variable: Variable) -> list[object]:
    """What of a variable changes numbers: its words do not."""
    default = None if variable.default is None else float(variable.default)
    couplings = [[coupling.variable, coupling.per_unit] for coupling in variable.couplings]
    bounds = [float(variable.minimum), float(variable.maximum)]
    return [variable.name, *bounds, default, variable.inertia, couplings]


def _script_terms(script: EventScript) -> list[object]:
    scope, profile = script.scope, script.intensity
    return [
        script.variable,
        script.operation,
        float(script.value),
        [sorted(scope.regions), sorted(scope.segments), scope.start_tick, scope.end_tick],
        [sorted(scope.personas), [list(astuple(item)) for item in scope.where]],
        [profile.kind, profile.duration_ticks, profile.half_life_ticks, profile.lag_ticks],
        list(profile.values),
        float(script.probability),
        None if script.condition is None else list(astuple(script.condition)),
        script.bundle,
        script.label,
    ]
