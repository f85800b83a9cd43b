"""The sweep that a node is part of: nodes that differ in one value, and the elasticity of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from agentverse import universe
from agentverse.asks import before_after
from agentverse.asks.schemas import ArcElasticity, Sweep, SweepPoint
from agentverse.compiler import wording
from agentverse.platform.db.session import TenantSession
from agentverse.runs import launches
from agentverse.runs.inputs import with_parameters
from agentverse.runs.intervals import central, is_clear
from agentverse.runs.launches import Launch
from agentverse.runs.outcomes import Outcome, listed_difference, listed_strip, values
from agentverse.runs.schemas import RunVariant, ShareKind
from agentverse.universe import NodeRow, branching, scripts, variables
from agentverse.universe.headlines import about
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript
from agentverse_engine.results.elasticities import arc_elasticity

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One node of the sweep: the value that it gives the variable, and its last result."""

    node: NodeRow
    value: float
    launch: Launch | None


def read_sweep(db: TenantSession, node_id: UUID) -> Sweep:
    """Nodes with the same parent whose one change differs from this node's in its value alone,
    each value once (the newest); this node alone where there are no others.

    A node that changes several things, or nothing, is a sweep without points.
    """
    node = universe.get_node(db, node_id)
    project = universe.get_project(db, node.project_id)
    registry = variables.load_registry(db, project)
    own = _single_script(db, node)
    headline = registry.headline
    variant: RunVariant = "without_social_rules" if headline is None else headline.variant
    metric = registry.template.metric
    alternative = about(
        () if own is None else (own.variable,), registry.names, default=project.outcome_alternative
    )
    members = () if own is None else _members(db, registry, node, own)
    by_name = {one.name: one for one in registry.variables}
    variable = None if own is None else by_name[own.variable]
    baseline = launches.of_node(db, universe.root_of(db, project.id).id).explored
    return Sweep(
        node_id=node.id,
        variable=own.variable if own else None,
        label=wording.called(variable) if variable else "",
        unit="" if variable is None or variable.unit == "1" else variable.unit,
        alternative=alternative,
        alternative_label=registry.alternative_labels[alternative],
        metric=metric,
        headline=variant,
        share_of=registry.words.share_of(metric),
        points=[
            SweepPoint(
                node_id=one.node.id,
                value=one.value,
                outcome=listed_strip(one.launch, alternative, metric, variant),
                difference=listed_difference(one.launch, baseline, alternative, metric, variant),
            )
            for one in members
        ],
        elasticities=_elasticities(members, alternative, metric, variant),
    )


def _single_script(db: TenantSession, node: NodeRow) -> EventScript | None:
    own = [scripts.engine_form(row) for row in scripts.of_nodes(db, [node.id])]
    return own[0] if len(own) == 1 and node.parent_id is not None else None


def _members(
    db: TenantSession, registry: Registry, node: NodeRow, own: EventScript
) -> Sequence[_Member]:
    """By value, the newest node of each."""
    siblings = universe.children_of(db, node.parent_id) if node.parent_id else ()
    rows = scripts.of_nodes(db, [one.id for one in siblings])
    of_node = {
        one.id: [scripts.engine_form(row) for row in rows if row.node_id == one.id]
        for one in siblings
    }
    alike = [
        (one, of_node[one.id][0])
        for one in siblings
        if len(of_node[one.id]) == 1 and _same_but_value(of_node[one.id][0], own)
    ]
    runs = launches.of_nodes(db, [one.id for one, _ in alike])
    by_value: dict[float, _Member] = {}
    for one, script in alike:
        value = _value(db, registry, one, script)
        if value is not None:
            by_value[value] = _Member(node=one, value=value, launch=runs[one.id].explored)
    return [by_value[value] for value in sorted(by_value)]


def _same_but_value(left: EventScript, right: EventScript) -> bool:
    return replace(left, value=0.0, label="") == replace(right, value=0.0, label="")


def _value(
    db: TenantSession, registry: Registry, node: NodeRow, script: EventScript
) -> float | None:
    """The mean of the variable among those whom the change reaches, at its first tick."""
    project = universe.get_project(db, node.project_id)
    by_name = {one.name: one for one in with_parameters(registry.variables, project.parameters)}
    chain = branching.chain_rows(db, node)
    earlier = [scripts.engine_form(row) for row in chain if row.node_id != node.id]
    change = before_after.values(
        registry,
        registry.population,
        by_name[script.variable],
        script,
        [one for one in earlier if one.variable == script.variable],
    )
    return change.groups[0].after if change.groups else None


def _elasticities(
    members: Sequence[_Member], alternative: str, metric: ShareKind, variant: RunVariant
) -> list[ArcElasticity]:
    """Between neighbouring values that both have results; none where no percentage lies between."""
    arcs: list[ArcElasticity] = []
    read = [(one.value, _shares(one, alternative, metric, variant)) for one in members]
    finished = [(value, shares) for value, shares in read if shares is not None]
    for (low, before), (high, after) in pairwise(finished):
        if low + high == 0:
            continue
        drawn = arc_elasticity(low, high, before, after)
        if not np.isfinite(drawn).all():
            continue
        least, median, most = central(drawn)
        arcs.append(
            ArcElasticity(
                from_value=low,
                to_value=high,
                low=least,
                median=median,
                high=most,
                clear=is_clear(least, most),
            )
        )
    return arcs


def _shares(
    member: _Member, alternative: str, metric: ShareKind, variant: RunVariant
) -> Floats | None:
    summary = None if member.launch is None else member.launch.summary(variant)
    if summary is None:
        return None
    return values(
        summary, Outcome(kind=metric, of=alternative, first_tick=1, last_tick=summary.horizon)
    )
