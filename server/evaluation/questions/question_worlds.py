"""The vocabulary that each template's questions are asked in: the demo's people, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from agentverse.compiler import Alternative, Family, Term, Vocabulary
from agentverse.populations.datasets import heating
from agentverse.populations.schemas import GroupMapping
from agentverse.runs.domains import TEMPLATES
from agentverse_engine import EventScript, Population, Scope, Variable, consumer_choice_parameters
from agentverse_engine.effects.choices_left import find_gap
from agentverse_engine.packs.availability_variables import availability_variables

# As world.md says.
HORIZONS = {"opinion": 26, "election": 26, "contagion": 90, "consumption": 16}
SUBJECTS = {
    "adoption": frozenset({"scooter"}),
    "contagion": frozenset({"winter", "flu"}),
    "election": frozenset({"spring", "election"}),
    "opinion": frozenset({"speed", "limit"}),
    "consumption": frozenset({"household"}),
}
# What the demo's households pay, and what shares personas have, from the least to the most.
MONEY = (400.0, 1_700.0)
PERSONAL = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPeople:
    """Everybody is everywhere."""

    variables: tuple[Variable, ...]
    alternatives: tuple[str, ...]
    horizon: int

    def count(self, scope: Scope) -> int:
        return 1

    def values(self, variable: str, scope: Scope) -> tuple[float, float] | None:
        found = next((one for one in self.variables if one.name == variable), None)
        return None if found is None else today_of(found)

    def without_choice(self, scripts: Sequence[EventScript]) -> int:
        gap = find_gap(scripts, self.alternatives, _everywhere(), self.horizon)
        return 0 if gap is None else gap.personas


@cache
def _everywhere() -> Population:
    """One persona of each segment in each region."""
    regions = tuple(item.name for item in heating.REGION.labels)
    segments = tuple(item.name for item in heating.SEGMENT.labels)
    cells = np.arange(len(regions) * len(segments))
    return Population(
        segments=segments,
        regions=regions,
        segment=(cells // len(regions)).astype(np.int16),
        region=(cells % len(regions)).astype(np.int16),
        attributes={},
        choice=np.zeros(cells.size, dtype=np.uint8),
    )


@cache
def vocabulary_of(template: str) -> Vocabulary:
    """template: as a file of questions is called."""
    if template == "consumer_choice":
        return _heating()
    chosen = next(one for name, one in TEMPLATES.items() if name == template)
    built = chosen.build(None, chosen.settled({}), ())
    pack = built.pack
    return Vocabulary(
        variables=built.variables,
        alternatives={name: Alternative(pack.labels[name]) for name in pack.alternatives},
        families={},
        regions=_terms(heating.REGION),
        segments=_terms(heating.SEGMENT),
        horizon=HORIZONS.get(template, 36),
        tick_unit=chosen.tick_unit,
        people=DemoPeople(
            variables=built.variables,
            alternatives=pack.alternatives,
            horizon=HORIZONS.get(template, 36),
        ),
        subject=SUBJECTS.get(template, frozenset()),
    )


def today_of(variable: Variable) -> tuple[float, float]:
    """Two values to start from: the default, or the ends of what personas may have."""
    if variable.default is not None:
        return variable.default, variable.default
    return MONEY if variable.maximum > 1 else PERSONAL


def _heating() -> Vocabulary:
    alternatives = {
        item.value: Alternative(item.label, tuple(item.synonyms)) for item in heating.ALTERNATIVES
    }
    families = {
        item.name: Family(item.label, item.unit, tuple(item.synonyms))
        for item in (heating.INSTALLATION_COST, heating.OPERATING_COST)
    }
    attributes = tuple(
        _attribute(name, family, code, words.label)
        for name, family in families.items()
        for code, words in alternatives.items()
    )
    labels = {name: item.label for name, item in alternatives.items()}
    offer = availability_variables(labels, tuple(alternatives))
    return Vocabulary(
        variables=(*attributes, *consumer_choice_parameters(), *offer),
        alternatives=alternatives,
        families=families,
        regions=_terms(heating.REGION),
        segments=_terms(heating.SEGMENT),
        horizon=36,
        people=DemoPeople(variables=attributes, alternatives=tuple(alternatives), horizon=36),
    )


def _attribute(name: str, family: Family, alternative: str, label: str) -> Variable:
    return Variable(
        name=f"{name}.{alternative}",
        label=f"{family.label} of {label}",
        unit=family.unit,
        minimum=0.0,
        maximum=20_000.0,
        default=None,
        kind="attribute",
        family=name,
        alternative=alternative,
        moves=("flows", "stock"),
        source="the demo's survey",
    )


def _terms(groups: GroupMapping) -> dict[str, Term]:
    return {item.name: Term(item.label, tuple(item.synonyms)) for item in groups.labels}
