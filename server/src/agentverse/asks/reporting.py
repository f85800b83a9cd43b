"""An answer as one JSON object, and as lines for people."""

from collections.abc import Sequence
from typing import Any

from agentverse import populations
from agentverse.asks.answering import Answer
from agentverse.asks.schemas import CompilationWire
from agentverse.comparisons import findings
from agentverse.comparisons.pairing import PairedShares, Side, differences
from agentverse.comparisons.schemas import Comparison, Driver, ShareDifference
from agentverse.comparisons.windows import Window
from agentverse.compiler import wording
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.populations.schemas import PopulationReport
from agentverse.runs.schemas import OutcomeStrip, RunVariant
from agentverse.universe.schemas import Project

Document = dict[str, Any]


def document(scope: Scope, answer: Answer) -> Document:
    """Everything the answer rests on, in the order a reader asks for it."""
    comparison = answer.comparison
    with tenant_session(scope, read_only=True) as db:
        report = populations.get_report(db, answer.project.population_id)
    return {
        "question": answer.question,
        "sentence": comparison.sentence,
        "about": comparison.about,
        "headline": comparison.headline,
        "notices": [notice.model_dump(mode="json") for notice in comparison.notices],
        "basis": comparison.basis.model_dump(mode="json"),
        "calibration": comparison.calibration and comparison.calibration.model_dump(mode="json"),
        "project": _project(answer.project),
        "window": {
            "metric": comparison.metric,
            "from_tick": comparison.from_tick,
            "to_tick": comparison.to_tick,
        },
        "population": _population(answer.project, report),
        "estimation": _estimation(answer, report),
        "baseline": _side(answer, answer.pair.base, branch=False),
        "branch": _side(answer, answer.pair.branch, branch=True),
        "difference": _difference(answer),
        "difference_with_social_rules": {
            item.alternative: _strip_difference(item) for item in comparison.with_social_rules
        },
        "difference_without_social_rules": {
            item.alternative: _strip_difference(item) for item in comparison.without_social_rules
        },
        **_levels(comparison),
        "drivers": [driver.model_dump(mode="json") for driver in comparison.drivers],
        "assumption_effects": [
            driver.model_dump(mode="json") for driver in comparison.assumption_effects
        ],
        "compiled": compiled(answer.compilation),
        "confirmed": [script.model_dump(mode="json") for script in answer.ask.confirmed],
        "closed_form": _closed_form(answer),
        "llm": {"calls": answer.ask.llm_calls, "cost_usd": answer.ask.llm_cost_usd},
        "timings": {
            **{f"{name}_seconds": value for name, value in answer.timings.seconds.items()},
            "total_seconds": round(sum(answer.timings.seconds.values()), 3),
            "reused": answer.timings.reused,
        },
        "assumptions": [*answer.compilation.assumptions, *comparison.assumptions],
    }


def _levels(comparison: Comparison) -> Document:
    """Only where the template has levels: documents of choice projects stay as they were."""
    if not comparison.levels:
        return {}
    return {"levels": [item.model_dump(mode="json") for item in comparison.levels]}


def compiled(compilation: CompilationWire) -> Document:
    return compilation.model_dump(mode="json")


def lines(answer: Answer) -> list[str]:
    """The answer for people: finding, what changed, what it rests on."""
    comparison = answer.comparison
    labels = {group.name: group.label for group in comparison.alternatives}
    of = f"share of {answer.pair.registry.words.share_of(comparison.metric)}"
    unit = answer.pair.tick_unit
    window = f"{unit} {comparison.to_tick}"
    if comparison.metric == "flow_share":
        window = f"{unit}s {comparison.from_tick}–{comparison.to_tick}"
    beside, others = _other_variant(comparison)
    changes = answer.ask.confirmed or answer.compilation.event_scripts
    return [
        *(f"! {notice.message}" for notice in comparison.notices),
        *(f"! {text}" for text in answer.compilation.warnings),
        comparison.sentence,
        comparison.basis.note,
        "",
        f"Changed: {wording.listing([script.sentence for script in changes])}.",
        "",
        f"{of.capitalize()}, {window} ({comparison.interval.kind}):",
        *(_row(labels[item.alternative], item) for item in comparison.differences),
        "",
        f"The same {beside} {answer.pair.registry.template.social}:",
        *(_row(labels[item.alternative], item) for item in others),
        "",
        *_level_lines(comparison),
        *_closed_form_lines(comparison, labels),
        "Drivers:",
        *(_driver_line(driver) for driver in comparison.drivers),
        "",
        *_assumption_lines(comparison),
        *(f"Note: {text}" for text in comparison.assumptions),
        "",
        f"Digests: baseline {comparison.base_digest}, branch {comparison.branch_digest}",
    ]


def _other_variant(comparison: Comparison) -> tuple[str, list[ShareDifference]]:
    if comparison.headline == "with_social_rules":
        return "without", comparison.without_social_rules
    return "with", comparison.with_social_rules


def _driver_line(driver: Driver) -> str:
    low, high = (findings.signed_points(value) for value in (driver.low, driver.high))
    effect = findings.signed_points(driver.effect)
    return f"  {driver.label}: {effect} ({low} to {high}; {driver.method})"


def _assumption_lines(comparison: Comparison) -> list[str]:
    if not comparison.assumption_effects:
        return []
    lines = [_driver_line(driver) for driver in comparison.assumption_effects]
    return ["What assumptions would add that the numbers above do without:", *lines, ""]


def _level_lines(comparison: Comparison) -> list[str]:
    everyone = [item for item in comparison.levels if item.segment is None and item.region is None]
    if not everyone:
        return []
    rows = [
        f"  {item.label:<34} {item.base.median:>12,.4g} → {item.branch.median:<12,.4g} "
        + (f"{item.difference.median:+,.3g} {item.unit}" if item.clear else "no clear difference")
        for item in everyone
    ]
    return ["Means over everyone, medians of the replicates:", *rows, ""]


def _closed_form_lines(comparison: Comparison, labels: dict[str, str]) -> list[str]:
    if not comparison.closed_form:
        return []
    title = "Closed-form logit, social rules off (90 % of the estimation's sampling distribution):"
    rows = [
        f"  {labels[item.alternative]:<18} {findings.signed_points(item.difference)} "
        f"({findings.signed_points(item.difference_low)} to "
        f"{findings.signed_points(item.difference_high)})"
        for item in comparison.closed_form
    ]
    return [title, *rows, ""]


def _row(label: str, item: ShareDifference) -> str:
    median = findings.signed_points(item.difference.median)
    verdict = median if item.clear else "no clear difference"
    branch, base = findings.share_range(item.branch), findings.share_range(item.base)
    return f"  {label:<18} {base:>14} → {branch:<14} {verdict}"


def _project(project: Project) -> Document:
    kept = (
        "name",
        "domain_template",
        "slug",
        "horizon",
        "replicates",
        "seed",
        "personas",
        "outcome_alternative",
    )
    return {"id": str(project.id), **{name: getattr(project, name) for name in kept}}


def _population(project: Project, report: PopulationReport) -> Document:
    return {
        "id": str(project.population_id),
        "name": project.population_name,
        "source": report.source,
        "rows_imported": report.import_report.rows_imported,
        "rows_refused": report.import_report.rows_refused,
        "personas": report.fit.personas,
        "digest": report.digest,
        "fit": {
            "method": report.fit.method,
            "total_absolute_error": report.fit.total_absolute_error,
            "srmse": report.fit.srmse,
            "worst_cell": report.fit.worst_cell,
            "worst_cell_points": report.fit.worst_cell_points,
        },
        "network": report.network.model_dump(mode="json", exclude={"degree_histogram"}),
    }


def _estimation(answer: Answer, report: PopulationReport) -> Document | None:
    """Full names, and beside them the short names of the file's own columns."""
    fitted = report.estimation
    if fitted is None:
        return None
    estimates = {item.name: item.estimate for item in fitted.coefficients}
    errors = {item.name: item.standard_error for item in fitted.coefficients}
    return {
        "method": fitted.method,
        "reference_alternative": fitted.reference_alternative,
        "coefficients": _with_short_names(answer, estimates),
        "standard_errors": _with_short_names(answer, errors),
        "log_likelihood": fitted.log_likelihood,
        "null_log_likelihood": fitted.null_log_likelihood,
        "observations": fitted.observations,
    }


def _with_short_names(answer: Answer, values: dict[str, float]) -> dict[str, float]:
    families = answer.pair.registry.snapshot.mapping.families
    prefixes = {
        family.name: {column.partition(".")[0] for column in family.columns.values()}
        for family in families
    }
    short = {
        name: next(iter(full_names))
        for name, full_names in prefixes.items()
        if len(full_names) == 1
    }
    renamed = {short.get(name, name.removeprefix("asc.")): value for name, value in values.items()}
    return {**renamed, **values}


def _side(answer: Answer, side: Side, *, branch: bool) -> Document:
    pair, comparison = answer.pair, answer.comparison
    pick = _branch_strip if branch else _base_strip
    interval = comparison.interval
    variants: tuple[RunVariant, ...] = ("with_social_rules", "without_social_rules")
    return {
        "node_id": str(side.node.id),
        "label": side.node.label,
        "run_ids": [str(run.id) for run in side.launch.runs],
        **_shares(pick, comparison.differences),
        "stock": _stock(answer, pick, pair.headline),
        **{name: _variant(answer, side, pick, name) for name in variants},
        "digest": side.digest(pair.headline),
        "level": interval.level,
        "kind": interval.kind,
        "replicates": interval.replicates,
        "compute_seconds": side.launch.compute_seconds,
    }


def _variant(answer: Answer, side: Side, pick: Any, variant: RunVariant) -> Document:
    comparison = answer.comparison
    with_rules = variant == "with_social_rules"
    shown = comparison.with_social_rules if with_rules else comparison.without_social_rules
    return {
        **_shares(pick, shown),
        "stock": _stock(answer, pick, variant),
        "digest": side.digest(variant),
    }


def _stock(answer: Answer, pick: Any, variant: RunVariant) -> Document:
    at = answer.comparison.to_tick
    window = Window(metric="stock_share", from_tick=at, to_tick=at)
    return _shares(pick, _wires(differences(answer.pair, window, variant)))


def _wires(items: Sequence[PairedShares]) -> list[ShareDifference]:
    return [item.wire for item in items]


def _base_strip(item: ShareDifference) -> OutcomeStrip:
    return item.base


def _branch_strip(item: ShareDifference) -> OutcomeStrip:
    return item.branch


def _shares(pick: Any, items: Sequence[ShareDifference]) -> Document:
    strips: dict[str, OutcomeStrip] = {item.alternative: pick(item) for item in items}
    return {
        "shares": {name: strip.median for name, strip in strips.items()},
        "interval": {name: [strip.low, strip.high] for name, strip in strips.items()},
    }


def _strip_difference(item: ShareDifference) -> Document:
    return {
        "median": item.difference.median,
        "interval": [item.difference.low, item.difference.high],
        "clear": item.clear,
        "branch_higher_of_20": item.branch_higher_of_20,
    }


def _difference(answer: Answer) -> Document:
    by_alternative: Document = {
        item.alternative: _strip_difference(item) for item in answer.comparison.differences
    }
    segments: dict[str, Document] = {}
    regions: dict[str, Document] = {}
    for item in answer.comparison.segments:
        groups = segments if item.segment is not None else regions
        name = item.segment or item.region or ""
        groups.setdefault(name, {})[item.alternative] = _strip_difference(item)
    return {**by_alternative, "segments": segments, "regions": regions}


def _closed_form(answer: Answer) -> Document:
    return {
        item.alternative: {
            "base": item.base,
            "branch": item.branch,
            "difference": item.difference,
            "interval": [item.difference_low, item.difference_high],
            "simulated": {
                "base": item.simulated_base.median,
                "branch": item.simulated_branch.median,
                "difference": item.simulated_difference.median,
                "interval": [item.simulated_difference.low, item.simulated_difference.high],
            },
        }
        for item in answer.comparison.closed_form
    }
