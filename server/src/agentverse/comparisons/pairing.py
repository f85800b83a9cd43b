"""Two nodes of one project, read together: scripts, runs, and their shares paired by replicate."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from agentverse import universe
from agentverse.comparisons.errors import (
    MetricNotOffered,
    NodeNotExplored,
    NodesOfDifferentProjects,
    WindowInvalid,
)
from agentverse.comparisons.schemas import SeriesPair, ShareDifference
from agentverse.comparisons.windows import Window
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import FieldError
from agentverse.platform.scope import Scope
from agentverse.runs import launches, replaying
from agentverse.runs.intervals import RunSeries, band, cell_counts, is_clear, shares
from agentverse.runs.launches import Launch
from agentverse.runs.outcomes import Outcome, strip, values_of
from agentverse.runs.schemas import RunVariant, ShareKind, TickUnit
from agentverse.universe import NodeRow, ProjectRow, branching, projects, scripts, variables
from agentverse.universe.headlines import Headline, about
from agentverse.universe.schemas import Notice
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript

Floats = NDArray[np.float64]
VARIANTS: tuple[RunVariant, ...] = ("with_social_rules", "without_social_rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two nodes: its scripts from the root down, its runs, their counts.

    changed: the variables of its own scripts, in order.
    """

    node: NodeRow
    event_scripts: tuple[EventScript, ...]
    sentences: tuple[str, ...]
    changed: tuple[str, ...]
    launch: Launch
    series: dict[RunVariant, RunSeries]

    def digest(self, variant: RunVariant) -> str:
        return self.launch.run(variant).digest or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    project: ProjectRow
    registry: Registry
    state: Headline
    notices: list[Notice]
    base: Side
    branch: Side

    @property
    def tick_unit(self) -> TickUnit:
        return self.registry.template.tick_unit

    @property
    def headline(self) -> RunVariant:
        """Whose numbers come first."""
        return self.state.variant

    @property
    def about(self) -> str:
        """The alternative that the branch asks about, else the project's own."""
        return about(
            self.branch.changed,
            self.registry.names,
            default=self.project.outcome_alternative,
        )

    @property
    def about_place(self) -> int:
        return self.registry.names.index(self.about)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedShares:
    """One alternative in one group; base, branch: float64[replicates]."""

    wire: ShareDifference
    base: Floats
    branch: Floats


def read_pair(scope: Scope, base_id: UUID, branch_id: UUID) -> Pair:
    """Raises NodesOfDifferentProjects, or NodeNotExplored for one without finished runs."""
    with tenant_session(scope, read_only=True) as db:
        base, branch = universe.get_node(db, base_id), universe.get_node(db, branch_id)
        if base.project_id != branch.project_id:
            raise NodesOfDifferentProjects(
                "The two nodes belong to different projects, so their populations and clocks "
                "differ. Compare nodes of one project."
            )
        project = universe.get_project(db, base.project_id)
        registry = variables.load_registry(db, project)
        project_view = projects.view(db, [project])[0]
        explored = [
            (node, _launch(db, node), branching.chain_rows(db, node)) for node in (base, branch)
        ]
    sides = [
        Side(
            node=node,
            launch=launch,
            event_scripts=tuple(scripts.engine_form(row) for row in rows),
            sentences=tuple(row.sentence for row in rows),
            changed=tuple(row.variable for row in rows if row.node_id == node.id),
            series={name: replaying.read_series(scope, launch.run(name).id) for name in VARIANTS},
        )
        for node, launch, rows in explored
    ]
    return Pair(
        project=project,
        registry=registry,
        state=registry.headline or Headline(variant=project_view.headline, calibration=None),
        notices=project_view.notices,
        base=sides[0],
        branch=sides[1],
    )


def window_of(
    pair: Pair, metric: ShareKind | None, from_tick: int | None, to_tick: int | None
) -> Window:
    """By default the whole run, as lists and maps show it: a node has one headline everywhere.

    Raises MetricNotOffered, or WindowInvalid for ticks outside the horizon.
    """
    chosen = _offered(pair, metric)
    horizon = pair.project.horizon
    last = horizon if to_tick is None else to_tick
    first = 1 if from_tick is None else from_tick
    wrong = [
        FieldError(field=name, message=f"must lie between 1 and {horizon}")
        for name, tick in (("from_tick", from_tick), ("to_tick", to_tick))
        if tick is not None and not 1 <= tick <= horizon
    ]
    if not wrong and first > last:
        wrong = [FieldError(field="from_tick", message="must not lie after to_tick")]
    if wrong:
        raise WindowInvalid(
            f"The {pair.tick_unit}s {first} to {last} cannot be compared: the runs hold "
            f"{pair.tick_unit}s 1 to {horizon}. Choose a range inside them.",
            errors=wrong,
        )
    return Window(metric=chosen, from_tick=first, to_tick=last)


def _offered(pair: Pair, metric: ShareKind | None) -> ShareKind:
    template = pair.registry.template
    if metric is not None and metric not in template.metrics:
        names = ", ".join(template.metrics)
        raise MetricNotOffered(
            f"A project of the template “{template.label}” has no “{metric}”. Use one of: {names}.",
            errors=[FieldError(field="metric", message=f"use one of: {names}")],
        )
    return metric or template.metric


def differences(
    pair: Pair,
    window: Window,
    variant: RunVariant,
    *,
    segment: str | None = None,
    region: str | None = None,
) -> list[PairedShares]:
    """One entry per alternative; no entry where nothing was installed."""
    base, branch = (side.series[variant] for side in (pair.base, pair.branch))
    return paired_shares(base, branch, window, segment=segment, region=region)


def paired_shares(
    base: RunSeries,
    branch: RunSeries,
    window: Window,
    *,
    segment: str | None = None,
    region: str | None = None,
) -> list[PairedShares]:
    """One entry per alternative, paired by replicate; no entry where nothing was installed."""
    outcomes = [window.outcome(name, segment=segment, region=region) for name in base.alternatives]
    before, after = (values_of(series, outcomes) for series in (base, branch))
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        return []
    return [
        _paired(outcome, segment, region, *sides)
        for outcome, *sides in zip(outcomes, before, after, strict=True)
    ]


def paired_series(base: RunSeries, branch: RunSeries, metric: ShareKind) -> list[SeriesPair]:
    """Each alternative's share over time, and the difference paired by replicate."""
    before, after = (shares(cell_counts(series, metric)) for series in (base, branch))
    return [
        SeriesPair(
            alternative=name,
            metric=metric,
            base=band(before[:, :, index]),
            branch=band(after[:, :, index]),
            difference=band(after[:, :, index] - before[:, :, index]),
        )
        for index, name in enumerate(base.alternatives)
    ]


def shared_length(base: tuple[EventScript, ...], branch: tuple[EventScript, ...]) -> int:
    """How many scripts both chains begin with."""
    same = (one == other for one, other in zip(base, branch, strict=False))
    return next(
        (index for index, equal in enumerate(same) if not equal), min(len(base), len(branch))
    )


def first_difference(pair: Pair) -> int:
    """The first tick at which the two worlds differ."""
    base, branch = pair.base.event_scripts, pair.branch.event_scripts
    shared = shared_length(base, branch)
    starts = [script.scope.start_tick for script in (*base[shared:], *branch[shared:])]
    return max(1, min(starts, default=1))


def _launch(db: TenantSession, node: NodeRow) -> Launch:
    node_runs = launches.of_node(db, node.id)
    if node_runs.explored is None:
        status = "not run" if node_runs.latest is None else node_runs.latest.status
        raise NodeNotExplored(
            f"“{node.label}” has no result to compare (it is {status}). Run it with "
            f"POST /api/v1/nodes/{node.id}/run and wait until it has finished.",
            node_id=str(node.id),
        )
    return node_runs.explored


def _paired(
    outcome: Outcome, segment: str | None, region: str | None, base: Floats, branch: Floats
) -> PairedShares:
    strips = [strip(values, outcome) for values in (base, branch, branch - base)]
    wire = ShareDifference(
        metric=strips[0].metric,
        alternative=outcome.of,
        segment=segment,
        region=region,
        base=strips[0],
        branch=strips[1],
        difference=strips[2],
        clear=is_clear(strips[2].low, strips[2].high),
        branch_higher_of_20=sum(dot > 0 for dot in strips[2].dots),
    )
    return PairedShares(wire=wire, base=base, branch=branch)
