"""Comparisons: paired, windowed, explained, and nothing where there is nothing."""

import numpy as np
import pytest
from factories.universe import answer, make_answered, make_project, run_baseline

from agentverse import populations
from agentverse.comparisons import comparing
from agentverse.comparisons.errors import NodeNotExplored, NodesOfDifferentProjects, WindowInvalid
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.runs import calibrating, launches, replaying
from agentverse.runs.intervals import window_shares
from agentverse.runs.schemas import ShareKind
from agentverse.runs.selection import TemplateSelection
from agentverse.universe import branching, graph, projects, repository
from agentverse.universe.branching import Branch
from agentverse.universe.schemas import Project
from agentverse_engine import EventScript
from agentverse_engine.execution import recalibrating

TWO_CHANGES = (
    "What if the installation cost of heat pumps falls by 30% from month 2 and the operating cost "
    "of central gas rises by 50% from month 3?"
)


def series_of(scope: Scope, node_id: object, variant: str) -> object:
    with tenant_session(scope, read_only=True) as db:
        run = launches.latest(db, node_id).run(variant)  # type: ignore[arg-type]
    return replaying.read_series(scope, run.id)


def branch_without_effect(scope: Scope, project: Project, *scripts: EventScript) -> object:
    with tenant_session(scope) as db:
        root = repository.get_node(db, project.root_node_id)
        branch = Branch(
            event_scripts=scripts,
            sentences=tuple("nothing" for _ in scripts),
            label="nothing",
            question="",
            explanation="",
        )
        node = branching.fork(db, root, branch)
        branching.run_node(db, node.id)
    run_queued_jobs()
    return node.id


@pytest.mark.parametrize(
    "scripts",
    [(), (EventScript(variable="installation_cost.hp", operation="multiply", value=1.0),)],
)
def test_branch_without_an_effect_equals_its_parent_bit_for_bit(
    scope: Scope, scripts: tuple[EventScript, ...]
) -> None:
    project = make_project(scope)
    run_baseline(scope, project)
    node_id = branch_without_effect(scope, project, *scripts)
    with tenant_session(scope, read_only=True) as db:
        found = [
            [run.digest for run in launches.latest(db, one).runs]  # type: ignore[arg-type]
            for one in (project.root_node_id, node_id)
        ]
    assert found[0] == found[1]
    compared = comparing.compare(scope, project.root_node_id, node_id)  # type: ignore[arg-type]
    assert not any(item.clear for item in compared.differences)
    assert all(item.difference.median == 0 for item in compared.differences)
    assert "no clear difference" in compared.sentence


def test_compare_pairs_replicates_of_the_default_window(scope: Scope) -> None:
    made = make_answered(scope)
    compared = comparing.compare(scope, made.project.root_node_id, made.node_id)
    assert (compared.from_tick, compared.to_tick) == (1, 6), "as the map shows both"
    assert compared.headline == "without_social_rules"
    sides = [
        window_shares(series_of(scope, one, "without_social_rules"), "flow_share", 1, 6)  # type: ignore[arg-type]
        for one in (made.project.root_node_id, made.node_id)
    ]
    expected = np.median(sides[1] - sides[0], axis=0)
    found = [item.difference.median for item in compared.differences]
    assert found == pytest.approx(expected.tolist())
    assert sum(found) == pytest.approx(0, abs=0.02), "shares gained are shares lost"
    hp = compared.differences[-1]
    assert (hp.alternative, hp.clear) == ("hp", True)
    assert hp.branch_higher_of_20 == 20
    assert len(hp.difference.dots) == 20
    assert "higher" in compared.sentence


def test_compare_shows_segments_regions_and_the_rules_switched_off(scope: Scope) -> None:
    made = make_answered(scope)
    compared = comparing.compare(scope, made.project.root_node_id, made.node_id)
    groups = [(item.segment, item.region) for item in compared.segments[::5]]
    assert groups == [
        ("low_income", None),
        ("middle_income", None),
        ("high_income", None),
        (None, "valley"),
        (None, "scostl"),
        (None, "mountn"),
        (None, "ncostl"),
    ]
    assert len(compared.without_social_rules) == 5
    assert any("literature" in text for text in compared.assumptions)
    assert any("set in this project" in text for text in compared.assumptions)


def survey_shares(scope: Scope, project: Project) -> dict[str, float]:
    with tenant_session(scope, read_only=True) as db:
        return populations.survey_shares(db, project.population_id)


@pytest.mark.parametrize("switched_on", [False, True])
def test_baseline_of_the_headline_lies_on_the_survey(scope: Scope, *, switched_on: bool) -> None:
    """The mean of 20 replicates; |z| > 4.5 for any of 5 has probability below 4e-5."""
    project = make_project(scope, personas=1800, replicates=20, social_rules=switched_on)
    root = project.root_node_id
    run_baseline(scope, project)
    compared = comparing.compare(scope, root, root)
    assert compared.headline == ("with_social_rules" if switched_on else "without_social_rules")
    survey = survey_shares(scope, project)
    assert survey["hp"] == pytest.approx(50 / 900)
    shares = window_shares(series_of(scope, root, compared.headline), "flow_share", 1, 6)  # type: ignore[arg-type]
    error = shares.std(axis=0, ddof=1) / np.sqrt(len(shares))
    wanted = np.array([survey[item.alternative] for item in compared.differences])
    assert (np.abs(shares.mean(axis=0) - wanted) <= np.maximum(4.5 * error, 0.001)).all()
    assert compared.notices == []
    told = next(text for text in compared.assumptions if "identify the social rules" in text)
    assert ("has switched them on" in told) == switched_on


def test_calibration_of_a_project_is_computed_once_and_shown(scope: Scope) -> None:
    made = make_answered(scope)
    with tenant_session(scope, read_only=True) as db:
        found = [
            launches.latest(db, one).run("with_social_rules").calibration
            for one in (made.project.root_node_id, made.node_id)
        ]
        plain = launches.latest(db, made.node_id).run("without_social_rules").calibration
    assert plain is None
    assert found[0] is not None
    assert found[0] == found[1], "a branch shares its baseline's constants"
    assert found[0].converged
    assert found[0].shifts["hp"] == 0, "the reference"
    assert any(shift != 0 for shift in found[0].shifts.values())
    compared = comparing.compare(scope, made.project.root_node_id, made.node_id)
    assert compared.calibration == found[0]
    told = next(
        text for text in compared.assumptions if "constants of the alternatives are" in text
    )
    assert f"({found[0].iterations} simulations on common random numbers)" in told


def test_project_whose_rules_have_no_fixed_point_says_so_and_speaks_without_them(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalibrating, "MOST_ITERATIONS", 0)
    project = make_project(scope, social_rules=True)
    root = project.root_node_id
    run_baseline(scope, project)
    compared = comparing.compare(scope, root, root)
    assert compared.headline == "without_social_rules"
    assert [notice.kind for notice in compared.notices] == ["no_fixed_point"]
    assert "where the survey has" in compared.notices[0].message


def test_baseline_that_leaves_its_survey_is_a_notice_with_reason_and_way_out(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a run of before the constants were moved: rules on, fitted constants."""

    def never(_: TemplateSelection, *, social_rules: bool) -> bool:
        return False

    monkeypatch.setattr(calibrating, "is_calibrated", never)
    project = make_project(scope, personas=1800, social_rules=True)
    root = project.root_node_id
    run_baseline(scope, project)
    with tenant_session(scope, read_only=True) as db:
        notices = projects.get_project(db, project.id).notices
    assert [notice.kind for notice in notices] == ["baseline_off"]
    assert "% in the survey" in notices[0].message
    assert "Run the baseline again" in notices[0].message
    assert comparing.compare(scope, root, root).notices == notices


def test_compare_leads_with_the_alternative_that_was_asked_about(scope: Scope) -> None:
    project = make_project(scope)
    run_baseline(scope, project)
    asked = answer(scope, project, "What if the operating cost of central gas rises by 50%?")
    assert asked.node_id is not None
    compared = comparing.compare(scope, project.root_node_id, asked.node_id)
    assert compared.about == "gc"
    assert compared.sentence.startswith("Central gas: share of new installations")
    with tenant_session(scope, read_only=True) as db:
        node = graph.node_detail(db, asked.node_id)
    lead = next(item for item in compared.differences if item.alternative == "gc")
    assert node.outcome == lead.branch, "one headline on every page"
    assert node.difference == lead.difference
    assert node.outcome_label == "central gas"


def test_compare_of_two_branches_names_its_base(scope: Scope) -> None:
    made = make_answered(scope)
    dearer = "What if the operating cost of central gas rises by 50% from month 3?"
    child = answer(scope, made.project, dearer, parent_node_id=made.node_id).node_id
    assert child is not None
    compared = comparing.compare(scope, made.node_id, child)
    assert compared.base_label
    assert f"% in “{compared.base_label}”: " in compared.sentence
    assert "baseline" not in compared.sentence


def test_compare_without_social_rules_does_not_speak_of_them_moving_the_baseline(
    scope: Scope,
) -> None:
    off = {"replacement_rate": 0.2, "conformity": 0.0, "loss_aversion": 1.0}
    project = make_project(scope, parameters=off)
    run_baseline(scope, project)
    asked = answer(scope, project)
    assert asked.node_id is not None
    compared = comparing.compare(scope, project.root_node_id, asked.node_id)
    assert not any("common random numbers)" in text for text in compared.assumptions)


def test_compare_drivers_add_up(scope: Scope) -> None:
    project = make_project(scope, personas=2000)
    run_baseline(scope, project)
    asked = answer(scope, project, TWO_CHANGES)
    assert asked.node_id is not None
    compared = comparing.compare(scope, project.root_node_id, asked.node_id)
    kinds = [driver.kind for driver in compared.drivers]
    assert kinds == ["change", "change", "interaction"]
    assert [effect.kind for effect in compared.assumption_effects] == ["social_rules"]
    closed = next(item for item in compared.closed_form if item.alternative == "hp")
    alone = sum(driver.effect for driver in compared.drivers[:3])
    assert alone == pytest.approx(closed.difference, abs=1e-12)
    assert all(driver.low < driver.effect < driver.high for driver in compared.drivers[:2])
    assert compared.drivers[0].clear
    assert all(driver.method for driver in compared.drivers)


def test_compare_closed_form_agrees_with_the_simulation_of_the_same(scope: Scope) -> None:
    """z of the mean of 40 replicates; |z| > 4.5 for any of 10 has probability below 1e-4."""
    made = make_answered(scope, personas=1500, replicates=40)
    root = made.project.root_node_id
    compared = comparing.compare(scope, root, made.node_id)
    for node_id, side in ((root, "base"), (made.node_id, "branch")):
        series = series_of(scope, node_id, "without_social_rules")
        shares = window_shares(series, "flow_share", 1, 6)  # type: ignore[arg-type]
        expected = np.array([getattr(item, side) for item in compared.closed_form])
        error = shares.std(axis=0, ddof=1) / np.sqrt(len(shares))
        assert np.abs((shares.mean(axis=0) - expected) / error).max() < 4.5
    hp = compared.closed_form[-1]
    assert hp.difference_low < hp.difference < hp.difference_high
    assert hp.difference_low > 0, "the estimated sign of the cost is beyond doubt"


def test_compare_the_stock_reads_its_level_at_the_end(scope: Scope) -> None:
    made = make_answered(scope)
    compared = comparing.compare(
        scope, made.project.root_node_id, made.node_id, metric="stock_share"
    )
    strip = compared.differences[0].base
    assert (strip.metric, strip.from_tick, strip.to_tick) == ("stock_share", 6, 6)
    assert sum(item.base.median for item in compared.differences) == pytest.approx(1, abs=0.02)
    closed = compared.closed_form[-1]
    assert closed.branch > closed.base


def test_compare_backwards_is_the_opposite(scope: Scope) -> None:
    made = make_answered(scope)
    root = made.project.root_node_id
    there = comparing.compare(scope, root, made.node_id)
    back = comparing.compare(scope, made.node_id, root)
    assert back.differences[-1].difference.median == pytest.approx(
        -there.differences[-1].difference.median
    )
    assert back.drivers[0].effect == pytest.approx(-there.drivers[0].effect)
    assert "lower" in back.sentence


def test_compare_an_impossible_window_is_refused_by_the_name_of_the_field(scope: Scope) -> None:
    made = make_answered(scope)
    refused: dict[tuple[int | None, int | None], list[str]] = {
        (0, 3): ["from_tick"],
        (-1, None): ["from_tick"],
        (7, None): ["from_tick"],
        (1, 7): ["to_tick"],
        (None, 0): ["to_tick"],
        (None, -3): ["to_tick"],
        (0, 99): ["from_tick", "to_tick"],
        (4, 2): ["from_tick"],
    }
    for (first, last), fields in refused.items():
        with pytest.raises(WindowInvalid, match="months 1 to 6") as told:
            comparing.compare(
                scope, made.project.root_node_id, made.node_id, from_tick=first, to_tick=last
            )
        assert [error.field for error in told.value.errors] == fields, (first, last)


@pytest.mark.parametrize("metric", ["flow_share", "stock_share"])
def test_compare_a_node_with_itself_finds_nothing(scope: Scope, metric: ShareKind) -> None:
    project = make_project(scope)
    run_baseline(scope, project)
    root = project.root_node_id
    compared = comparing.compare(scope, root, root, metric=metric)
    everything = (*compared.differences, *compared.segments, *compared.without_social_rules)
    assert not any(item.clear for item in everything)
    assert {item.difference.low for item in everything} == {0.0}
    assert {item.difference.high for item in everything} == {0.0}
    assert {item.branch_higher_of_20 for item in everything} == {0}
    assert all(item.difference == 0 for item in compared.closed_form)
    assert compared.drivers == []
    assert "no clear difference" in compared.sentence


def test_compare_child_with_sibling_values_what_each_has_alone(scope: Scope) -> None:
    made = make_answered(scope)
    dearer = "What if the operating cost of central gas rises by 50% from month 3?"
    sibling = answer(scope, made.project, dearer).node_id
    child = answer(scope, made.project, dearer, parent_node_id=made.node_id).node_id
    assert sibling is not None
    assert child is not None
    compared = comparing.compare(scope, sibling, child)
    changes = [driver.label for driver in compared.drivers if driver.kind == "change"]
    assert any("without: operating cost of central gas" in label for label in changes)
    closed = {item.alternative: item.difference for item in compared.closed_form}
    alone = sum(driver.effect for driver in compared.drivers)
    assert alone == pytest.approx(closed[compared.about], abs=1e-12)
    assert closed["hp"] > 0, "the subsidy is all that the child has more"


def test_compare_a_change_in_the_last_month_looks_at_that_month(scope: Scope) -> None:
    project = make_project(scope)
    run_baseline(scope, project)
    late = "What if the installation cost of heat pumps falls by 30% from month 6?"
    node_id = answer(scope, project, late).node_id
    assert node_id is not None
    compared = comparing.compare(scope, project.root_node_id, node_id)
    assert "in months 1–6, changed from month 6 on, is " in compared.sentence
    own = comparing.compare(scope, project.root_node_id, node_id, from_tick=6)
    assert (own.from_tick, own.to_tick) == (6, 6)
    earlier = comparing.compare(scope, project.root_node_id, node_id, to_tick=5)
    assert (earlier.from_tick, earlier.to_tick) == (1, 5)
    assert all(item.difference.median == 0 for item in earlier.differences)


def test_compare_a_window_in_which_nobody_chose_is_refused(scope: Scope) -> None:
    project = make_project(scope, parameters={"replacement_rate": 0.0})
    run_baseline(scope, project)
    node_id = branch_without_effect(scope, project)
    with pytest.raises(WindowInvalid, match=r"longer range, or .* metric=stock"):
        comparing.compare(scope, project.root_node_id, node_id)  # type: ignore[arg-type]
    with tenant_session(scope, read_only=True) as db:
        assert graph.node_detail(db, project.root_node_id).outcome is None, "a gap, not a zero"


def test_compare_a_node_that_was_not_run_is_refused(scope: Scope) -> None:
    made = make_answered(scope)
    with tenant_session(scope) as db:
        root = repository.get_node(db, made.project.root_node_id)
        branch = Branch(event_scripts=(), sentences=(), label="later", question="", explanation="")
        node_id = branching.fork(db, root, branch).id
    with pytest.raises(NodeNotExplored, match=f"/nodes/{node_id}/run"):
        comparing.compare(scope, made.project.root_node_id, node_id)


def test_compare_nodes_of_different_projects_is_refused(scope: Scope) -> None:
    made = make_answered(scope)
    other = make_project(scope, population_id=made.project.population_id, name="Other")
    with pytest.raises(NodesOfDifferentProjects):
        comparing.compare(scope, made.project.root_node_id, other.root_node_id)


def test_compare_twice_gives_the_same_document(scope: Scope) -> None:
    made = make_answered(scope)
    one, other = (
        comparing.compare(scope, made.project.root_node_id, made.node_id) for _ in range(2)
    )
    assert one == other
