"""Compare two nodes of a project: paired differences, drivers, and the closed form beside them."""

from uuid import UUID

from agentverse.comparisons import drivers, findings
from agentverse.comparisons.errors import WindowInvalid
from agentverse.comparisons.interval_parts import interval_parts
from agentverse.comparisons.levels import level_differences, level_series
from agentverse.comparisons.pairing import (
    Pair,
    differences,
    first_difference,
    paired_series,
    read_pair,
    window_of,
)
from agentverse.comparisons.schemas import Comparison, ShareDifference
from agentverse.comparisons.windows import Window
from agentverse.platform.errors import FieldError
from agentverse.platform.scope import Scope
from agentverse.runs.intervals import covered, interval_kind
from agentverse.runs.schemas import Basis, ShareKind
from agentverse.universe.bases import headline_basis


def compare(
    scope: Scope,
    base_id: UUID,
    branch_id: UUID,
    *,
    metric: ShareKind | None = None,
    from_tick: int | None = None,
    to_tick: int | None = None,
) -> Comparison:
    """Reads, closes the session, then computes; nothing is started or stored."""
    pair = read_pair(scope, base_id, branch_id)
    window = window_of(pair, metric, from_tick, to_tick)
    return compare_pair(pair, window)


def compare_pair(pair: Pair, window: Window) -> Comparison:
    """Raises WindowInvalid where in some replicate nobody chose anew in the window."""
    position, headline = pair.about_place, pair.headline
    social = differences(pair, window, "with_social_rules")
    plain = differences(pair, window, "without_social_rules")
    if not social or not plain:
        raise WindowInvalid(
            f"In at least one replicate nobody chose anew in these {pair.tick_unit}s, so there is "
            "no share to compare. Choose a longer range, or compare what everyone has with "
            "metric=stock_share.",
            errors=[
                FieldError(field="from_tick", message="leaves no choice in some replicate"),
                FieldError(field="metric", message="use stock_share to compare what everyone has"),
            ],
        )
    basis = headline_basis(
        pair.project, pair.state, pair.registry.snapshot.mapping.decision, window.metric
    )
    everyone = social if headline == "with_social_rules" else plain
    causes = drivers.explain(pair, window, social=social[position], without=plain)
    groups, missing = _group_differences(pair, window)
    sides = (pair.base.series[headline], pair.branch.series[headline])
    return Comparison(
        project_id=pair.project.id,
        base_node_id=pair.base.node.id,
        branch_node_id=pair.branch.node.id,
        metric=window.metric,
        from_tick=window.from_tick,
        to_tick=window.to_tick,
        ticks=list(range(pair.project.horizon + 1)),
        base_label=pair.base.node.label,
        branch_label=pair.branch.node.label,
        sentence=_sentence(pair, window, everyone[position].wire, basis),
        about=pair.about,
        headline=headline,
        notices=pair.notices,
        basis=basis,
        calibration=pair.state.calibration,
        alternatives=pair.registry.alternatives,
        differences=[item.wire for item in everyone],
        segments=groups,
        with_social_rules=[item.wire for item in social],
        without_social_rules=[item.wire for item in plain],
        levels=level_differences(*sides, window.to_tick),
        drivers=causes.drivers,
        assumption_effects=causes.assumption_effects,
        closed_form=causes.closed_form,
        series=paired_series(*sides, window.metric),
        level_series=level_series(*sides),
        interval=interval_kind(
            pair.project.replicates, covers=covered(estimation=pair.project.estimation)
        ),
        interval_parts=interval_parts(pair, window, plain[position]),
        assumptions=[*causes.assumptions, *missing],
        base_digest=pair.base.digest(headline),
        branch_digest=pair.branch.digest(headline),
    )


def _sentence(pair: Pair, window: Window, difference: ShareDifference, basis: Basis) -> str:
    finding = findings.finding(
        difference,
        label=pair.registry.alternative_labels[difference.alternative],
        ticks=(window.from_tick, window.to_tick),
        tick_unit=pair.tick_unit,
        of=pair.registry.words.share_of(window.metric),
        base=findings.base_name(pair.base.node.label, is_root=pair.base.node.parent_id is None),
        changed_from=first_difference(pair),
    )
    return findings.resting_on(basis, finding)


def _group_differences(pair: Pair, window: Window) -> tuple[list[ShareDifference], list[str]]:
    """Each segment, then each region; a group in which nobody chose is named instead."""
    by_group: list[ShareDifference] = []
    missing: list[str] = []
    series = pair.base.series[pair.headline]
    named = [(name, None) for name in series.segments] + [(None, name) for name in series.regions]
    for segment, region in named:
        items = differences(pair, window, pair.headline, segment=segment, region=region)
        by_group += [item.wire for item in items]
        if not items:
            label = pair.registry.group_labels.get(segment or region or "", segment or region)
            missing.append(
                f"{label}: in at least one replicate nobody there chose anew in these "
                f"{pair.tick_unit}s, so no share is shown."
            )
    return by_group, missing
