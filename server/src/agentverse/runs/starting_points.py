"""Starts: the people of a run made to rest, and how far a run leaves its start by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from agentverse.populations import Snapshot
from agentverse.runs.domain_template import Template
from agentverse.runs.selection import TemplateSelection, build_template, population_of
from agentverse_engine import Population, StartDrift, Trajectory, Variable, packs, start_drift

# As good as at rest: what a sum of shares can miss by.
ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """An assumption that moves people without a change; value: None where it differs by persona,
    or is no number."""

    text: str
    value: float | None = None
    unit: str = ""
    source: str = ""


def resting_population(
    snapshot: Snapshot,
    selection: TemplateSelection,
    variables: Sequence[Variable],
    *,
    seed: int,
    social_rules: bool,
) -> Population:
    """The people of a run, started where its rules leave them as far as these have such a point.

    Of a survey's choices nothing is moved here: its constants are (`calibrating`).
    """
    people = population_of(snapshot, selection, seed)
    if selection.template.surveyed:
        return people
    pack = build_template(snapshot, selection).pack
    return packs.at_rest(
        people, snapshot.network, pack, variables=variables, social_rules=social_rules
    ).population


def susceptibility(start: Population, rested: Population) -> dict[str, float] | None:
    """What of an assumed susceptibility the opinions allow: its means, and for how many less.

    start, rested: the same people before and after they were made to rest; None where nobody's
    susceptibility gave way.
    """
    if "susceptibility" not in rested.attributes:
        return None
    assumed, allowed = (one.attributes["susceptibility"] for one in (start, rested))
    lowered = float((allowed < assumed).mean())
    if lowered == 0.0:
        return None
    return {
        "assumed": float(assumed.mean()),
        "allowed": float(allowed.mean()),
        "lowered": lowered,
    }


def summarised(trajectory: Trajectory) -> list[dict[str, Any]]:
    """What leaves the start by more than its interval, for a run's row."""
    return [asdict(drift) for drift in start_drift(trajectory)]


def stored(document: Mapping[str, Any]) -> tuple[StartDrift, ...] | None:
    """document: a run's summary; None where an earlier release wrote it, which did not look."""
    rows = document.get("start_drift")
    return None if rows is None else tuple(StartDrift(**row) for row in rows)


def movers(
    template: Template, options: Mapping[str, str], variables: Sequence[Variable]
) -> list[Mover]:
    """What the template assumes that moves people, less what is set so that it moves nobody.

    variables: the registry with the project's own values.
    """
    by_name = {variable.name: variable for variable in variables}
    return [
        _mover(by_name[name]) if name in by_name else Mover(text=name)
        for name, rests_at in template.moved_by(options).items()
        if not _rests(by_name, name, rests_at)
    ]


def _rests(by_name: Mapping[str, Variable], name: str, rests_at: float | str | None) -> bool:
    """rests_at: a value, or the name of the variable whose value it is."""
    value = by_name[name].default if name in by_name else None
    at = by_name[rests_at].default if isinstance(rests_at, str) else rests_at
    return value is not None and at is not None and abs(value - at) <= ROUNDING


def _mover(variable: Variable) -> Mover:
    return Mover(
        text=variable.label, value=variable.default, unit=variable.unit, source=variable.source
    )
