"""One persona of a finished run: who it is, what it chose, which changes were for it."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from agentverse import populations
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.populations import Snapshot
from agentverse.runs import replaying, repository
from agentverse.runs.schemas import PersonaChoice, PersonaFact, PersonaHistory
from agentverse.runs.selection import TemplateSelection, build_template, population_of
from agentverse.runs.spec import RunSpec, spec_of
from agentverse_engine import EventScript, Population
from agentverse_engine.effects.scope_masks import named_personas, scope_cells

MOST_FACTS: Final = 40


def read_history(scope: Scope, run_id: UUID, persona: int, *, replicate: int = 0) -> PersonaHistory:
    """persona: its row in frames and layout.

    Raises TelemetryMissing for a run that has not succeeded, TelemetryOutOfRange for a persona or
    a replicate that is not stored.
    """
    states = replaying.read_states(scope, run_id, persona, replicate=replicate)
    with tenant_session(scope, read_only=True) as db:
        spec = spec_of(repository.get_run(db, run_id))
    snapshot = populations.load_snapshot(scope, spec.population_id)
    people = population_of(snapshot, spec.template, spec.seed)
    return PersonaHistory(
        run_id=run_id,
        persona=persona,
        replicate=replicate,
        region=people.regions[int(people.region[persona])],
        segment=people.segments[int(people.segment[persona])],
        neighbours=int(snapshot.network.degrees()[persona]),
        line=int(snapshot.source_line[persona]),
        facts=list(_facts(snapshot, spec.template, people, persona))[:MOST_FACTS],
        choices=_choices(states.alternatives, states.codes),
        reached_by=_reached_by(spec, people, persona),
    )


def _facts(
    snapshot: Snapshot, selection: TemplateSelection, people: Population, persona: int
) -> Iterator[PersonaFact]:
    """What the file says of it, then what it starts with."""
    for name, values in snapshot.traits.items():
        if np.isfinite(values[persona]):
            yield PersonaFact(name=name, value=f"{values[persona]:.6g}", from_file=True)
    for name, category in snapshot.categories.items():
        if category.codes[persona] >= 0:
            word = category.values[int(category.codes[persona])]
            yield PersonaFact(name=name, value=word, from_file=True)
    built = build_template(snapshot, selection)
    labels = {item.name: (item.label, item.unit) for item in built.variables}
    labels |= {level.name: (level.label, level.unit) for level in built.pack.levels}
    surveyed = snapshot.population.attributes
    for name, column in people.attributes.items():
        if name in labels:
            label, unit = labels[name]
            value = f"{column[persona]:.4g}" + ("" if unit == "1" else f" {unit}")
            yield PersonaFact(name=label, value=value, from_file=name in surveyed)


def _choices(alternatives: Sequence[str], codes: NDArray[np.uint8]) -> list[PersonaChoice]:
    """The first, and each that differs from the one before."""
    changed = np.flatnonzero(np.diff(codes, prepend=codes[:1] + 1))
    return [
        PersonaChoice(tick=int(tick), alternative=alternatives[int(codes[tick])])
        for tick in changed
    ]


def _reached_by(spec: RunSpec, people: Population, persona: int) -> list[int]:
    """Places of the run's changes that are for it."""
    return [
        place for place, script in enumerate(spec.event_scripts) if reached(people, script)[persona]
    ]


def reached(population: Population, script: EventScript) -> NDArray[np.bool_]:
    """Return bool[n]: the personas in the scope of a script."""
    cells = scope_cells(population, script.scope)[population.cells()]
    return cells & named_personas(population, script.scope)
