"""Every domain template from project to comparison, through the operations that the doors call."""

import json
from typing import Any
from uuid import UUID

import pytest
from factories.universe import answer, make_population, make_project, run_baseline
from fastapi.testclient import TestClient

from agentverse.asks import answering, examples, reporting
from agentverse.asks.answering import Timings
from agentverse.comparisons import comparing
from agentverse.comparisons.errors import MetricNotOffered
from agentverse.comparisons.schemas import Comparison
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.runs import replaying
from agentverse.runs.domains import TEMPLATES
from agentverse.runs.schemas import TemplateName
from agentverse.universe import changing, graph, projects, template_options
from agentverse.universe.event_schemas import TuneRequest
from agentverse.universe.schemas import Project

PACKS = tuple(name for name in TEMPLATES if name != "consumer_choice")
SYSTEM_WORDS = ("system", "installation", "month")


def check_words(found: Comparison, unit: str) -> None:
    """People, in the template's own ticks; never systems, installations or somebody else's."""
    assert "share of people" in found.sentence
    assert f"{'on' if unit == 'day' else 'in'} {unit} 6" in found.sentence
    told = " ".join([found.sentence, *(driver.label for driver in found.drivers)])
    assert not [word for word in SYSTEM_WORDS if word != unit and word in told], told
    assert "installation" not in " ".join(found.assumptions)
    assert not [text for text in found.assumptions if "_" in text or "script" in text]


def project_of(scope: Scope, template: TemplateName, **options: Any) -> Project:
    return make_project(
        scope, personas=300, horizon=6, parameters={}, domain_template=template, **options
    )


@pytest.mark.parametrize("template", PACKS)
def test_template_from_project_to_comparison(scope: Scope, template: TemplateName) -> None:
    project = project_of(scope, template)
    run_baseline(scope, project)
    with tenant_session(scope, read_only=True) as db:
        registry = examples.list_variables(db, project.id)
    asked = answer(scope, project, registry.examples[0])
    assert asked.status == "succeeded", asked.problem or asked.compilation
    assert asked.node_id is not None
    found = comparing.compare(scope, project.root_node_id, asked.node_id)
    assert found.metric == "stock_share"
    check_words(found, TEMPLATES[template].tick_unit)
    assert found.closed_form == []
    assert [driver.name for driver in found.drivers] == ["social_rules"]
    assert found.drivers[0].label == TEMPLATES[template].social
    assert {item.name for item in found.levels} == {level.name for level in registry.levels}
    with tenant_session(scope, read_only=True) as db:
        seen = projects.get_project(db, project.id)
    assert seen.baseline_outcome is not None
    assert seen.baseline_outcome.metric == "stock_share"
    check_illustrative(scope, seen, asked.node_id, found)


def check_illustrative(scope: Scope, seen: Project, node_id: UUID, found: Comparison) -> None:
    """Nothing of the households' file is in these numbers: every place says so."""
    with tenant_session(scope, read_only=True) as db:
        drawn = graph.list_nodes(db, seen.id).nodes
        run = graph.node_detail(db, node_id).runs[0]
    replayed = replaying.read_telemetry(scope, run.id, replaying.TelemetryQuery())
    told = [seen.basis, found.basis, replayed.basis, *(node.basis for node in drawn)]
    assert {(basis.kind, basis.is_illustrative) for basis in told} == {("assumptions", True)}
    assert all(basis.note.startswith("Illustrative: nothing of this") for basis in told)
    assert all(not basis.from_file and len(basis.assumed) == 2 for basis in told)
    assert found.sentence.startswith("Illustrative: ")


@pytest.mark.parametrize("template", [*PACKS, "consumer_choice"])
def test_examples_of_every_variant_compile(scope: Scope, template: TemplateName) -> None:
    population = make_population(scope, personas=200)
    for variant in template_options.list_templates()[list(TEMPLATES).index(template)].variants:
        project = project_of(
            scope, template, population_id=population, template_options=variant.options
        )
        with tenant_session(scope, read_only=True) as db:
            found = examples.list_variables(db, project.id)
        assert len(found.examples) >= 2, (variant.options, found.examples)


def test_comparison_calls_what_is_drawn_by_its_label(scope: Scope) -> None:
    project = project_of(scope, "opinion")
    run_baseline(scope, project)
    asked = answer(scope, project, "What if the campaign in favour is set to 2?")
    assert asked.node_id is not None, asked.problem or asked.compilation
    found = comparing.compare(scope, project.root_node_id, asked.node_id)
    drawn = [text for text in found.assumptions if "drawn for each persona" in text]
    assert "“media use” is drawn for each persona (assumption: uniform on 0 to 1)." in drawn
    assert any(text.startswith("“opinion (0 against, 1 for)” is drawn") for text in drawn)


def test_telemetry_of_levels_is_in_their_unit(
    scope: Scope, client: TestClient, auth_headers: Any
) -> None:
    project = project_of(scope, "consumption")
    run_id = run_baseline(scope, project)[0]
    address = f"/api/v1/runs/{run_id}/telemetry"
    found = client.get(address, headers=auth_headers()).json()
    spending = next(one for one in found["levels"] if one["name"] == "spending")
    assert spending["unit"] == "USD"
    assert all(1_000 < value < 100_000 for value in spending["band"]["median"])
    assert {one["metric"] for one in found["series"]} == {"stock_share"}
    refused = client.get(address, params={"metrics": "flow_share"}, headers=auth_headers())
    assert refused.json()["code"] == "telemetry_out_of_range"


def test_consumer_choice_with_advertising_has_a_closed_form_that_knows_it(scope: Scope) -> None:
    project = project_of(scope, "consumer_choice", template_options={"advertising": "on"})
    run_baseline(scope, project)
    name = f"advertising.{project.outcome_alternative}"
    with tenant_session(scope) as db:
        node = changing.tune(db, project.root_node_id, TuneRequest(values={name: 1000.0}))
    run_queued_jobs()
    found = comparing.compare(scope, project.root_node_id, node.id)
    assert found.metric == "flow_share"
    own = next(one for one in found.closed_form if one.alternative == project.outcome_alternative)
    assert 0 < own.difference_low <= own.difference <= own.difference_high
    change = next(driver for driver in found.drivers if driver.kind == "change")
    assert change.effect == pytest.approx(own.difference)
    social, media = found.assumptions[:2]
    assert "neighbours" in social
    assert "advertising" not in social
    assert "largest effect of advertising on utility = 0.5" in media


def test_thresholds_of_personas_can_be_asked_about(scope: Scope) -> None:
    project = project_of(scope, "adoption", template_options={"mechanism": "threshold"})
    run_baseline(scope, project)
    asked = answer(scope, project, "What if thresholds fall by 80%?")
    assert asked.status == "succeeded", asked.problem or asked.compilation
    assert asked.node_id is not None
    found = comparing.compare(scope, project.root_node_id, asked.node_id)
    adopted = next(one for one in found.differences if one.alternative == "adopted")
    assert adopted.difference.low > 0, "a lower threshold can only let more people adopt"


WITH_ADVERTISING = {"advertising": "on"}
DIMINISHING = {**WITH_ADVERTISING, "losses": "diminishing"}
WEARING_OUT = {"advertising": "wearing_out"}


def advertised(scope: Scope, population_id: UUID, options: dict[str, str]) -> Comparison:
    """What much advertising for the outcome's alternative does under these options."""
    project = make_project(scope, population_id=population_id, template_options=options)
    run_baseline(scope, project)
    name = f"advertising.{project.outcome_alternative}"
    with tenant_session(scope) as db:
        node = changing.tune(db, project.root_node_id, TuneRequest(values={name: 1000.0}))
    run_queued_jobs()
    return comparing.compare(scope, project.root_node_id, node.id)


def test_diminishing_sensitivity_is_a_social_rule_beside_the_closed_form(scope: Scope) -> None:
    """The same without social rules, to the last digit; other with them, and said so."""
    population = make_population(scope, personas=300)
    linear, curved = (
        advertised(scope, population, options) for options in (WITH_ADVERTISING, DIMINISHING)
    )
    assert curved.closed_form == linear.closed_form
    assert curved.closed_form
    assert curved.without_social_rules == linear.without_social_rules
    assert curved.with_social_rules != linear.with_social_rules
    assert "sensitivity to large gains and losses; 1 is linear = 0.88" in curved.assumptions[0]
    (social,) = curved.assumption_effects
    assert social.label == "conformity and the value of gains and losses"


@pytest.mark.parametrize(("exponent", "told"), [(0.5, True), (1.0, False)])
def test_social_rules_are_off_only_where_gains_and_losses_are_linear_too(
    scope: Scope, exponent: float, told: bool
) -> None:
    project = make_project(
        scope,
        personas=300,
        parameters={"conformity": 0.0, "loss_aversion": 1.0, "value_exponent": exponent},
        template_options={"losses": "diminishing"},
    )
    run_baseline(scope, project)
    found = comparing.compare(scope, project.root_node_id, project.root_node_id)
    assert any("alternatives are moved until" in text for text in found.assumptions) == told


def test_worn_out_advertising_is_read_by_the_stock_and_without_a_closed_form(scope: Scope) -> None:
    found = advertised(scope, make_population(scope, personas=300), WEARING_OUT)
    assert found.metric == "stock_share"
    assert "share of systems" in found.sentence
    assert found.closed_form == []
    assert [driver.name for driver in found.drivers] == ["changes"]
    assert [driver.name for driver in found.assumption_effects] == ["social_rules"]
    assert not [text for text in found.assumptions if "new installations" in text]
    everyone = next(one for one in found.levels if one.segment is None and one.region is None)
    assert everyone.name == "responsiveness"
    assert everyone.difference.high < 0, "who sees advertising at all responds less"


def test_worn_out_advertising_offers_no_new_installations(
    scope: Scope, client: TestClient, auth_headers: Any
) -> None:
    project = project_of(scope, "consumer_choice", template_options=WEARING_OUT)
    assert project.metrics == ["stock_share"]
    run_id = run_baseline(scope, project)[0]
    address = f"/api/v1/runs/{run_id}/telemetry"
    found = client.get(address, headers=auth_headers()).json()
    assert {one["metric"] for one in found["series"]} == {"stock_share"}
    with pytest.raises(MetricNotOffered, match="stock_share"):
        comparing.compare(scope, project.root_node_id, project.root_node_id, metric="flow_share")


@pytest.mark.parametrize("template", ["election", "adoption"])
def test_command_line_report_of_a_template_has_its_words(
    scope: Scope, template: TemplateName
) -> None:
    project = project_of(scope, template)
    with tenant_session(scope, read_only=True) as db:
        question = examples.list_variables(db, project.id).examples[0]
    found = answering.answer(scope, project, question, Timings(tell=lambda _: None))
    told = "\n".join(reporting.lines(found))
    assert "Share of people" in told
    assert f"The same without {TEMPLATES[template].social}:" in told
    assert "Closed-form" not in told
    document = json.loads(json.dumps(reporting.document(scope, found), allow_nan=False))
    assert document["project"]["domain_template"] == template
    assert document["closed_form"] == {}
    assert ("levels" in document) == (template == "election")


def test_start_shares_decide_who_starts_with_what(scope: Scope) -> None:
    project = project_of(
        scope, "contagion", start_shares={"susceptible": 0.5, "infected": 0.5, "recovered": 0.0}
    )
    with tenant_session(scope, read_only=True) as db:
        counts = {
            group.name: group.personas
            for group in examples.list_variables(db, project.id).alternatives
        }
    assert 110 < counts["infected"] < 190, "300 personas, 5 standard deviations"
    assert counts["recovered"] == 0


BAD: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"domain_template": "weather"}, "domain_template", "invalid_request"),
    (
        {"template_options": {"course": "seir"}},
        "template_options.course",
        "template_option_unknown",
    ),
    (
        {"template_options": {"colour": "red"}},
        "template_options.colour",
        "template_option_unknown",
    ),
    ({"start_shares": {"infected": 0.3}}, "start_shares", "start_shares_invalid"),
    ({"start_shares": {"zombie": 1.0}}, "start_shares", "start_shares_invalid"),
    ({"start_shares": {"infected": float("nan")}}, "start_shares.infected", "start_shares_invalid"),
    ({"name": "  "}, "name", "project_invalid"),
    (
        {"domain_template": "opinion", "start_shares": {"for": 1.0}},
        "start_shares",
        "start_shares_invalid",
    ),
    ({"parameters": {"conformity": 1.0}}, "parameters.conformity", "parameter_unknown"),
    ({"outcome_alternative": "gas"}, "outcome_alternative", "alternative_unknown"),
)


def test_create_project_of_a_template_with_bad_input_names_the_field(
    scope: Scope, client: TestClient, auth_headers: Any
) -> None:
    population_id = str(make_population(scope, personas=200))
    good = {"name": "Bad", "population_id": population_id, "domain_template": "contagion"}
    for change, field, code in BAD:
        refused = client.post(
            "/api/v1/projects",
            content=json.dumps({**good, **change}),
            headers={**auth_headers(), "Content-Type": "application/json"},
        )
        problem = refused.json()
        assert refused.status_code == 422, (change, problem)
        assert field in [one["field"] for one in problem["errors"]], (change, problem)
        assert problem["code"] == code, (change, problem)


def test_compare_by_a_metric_the_template_lacks_is_refused(scope: Scope) -> None:
    project = project_of(scope, "adoption")
    run_baseline(scope, project)
    with pytest.raises(MetricNotOffered, match="stock_share"):
        comparing.compare(scope, project.root_node_id, project.root_node_id, metric="flow_share")


def test_list_templates_tells_parameters_in_the_words_of_their_domain() -> None:
    told = {
        parameter.name: parameter
        for template in template_options.list_templates()
        for variant in template.variants
        for parameter in variant.parameters
    }
    words = [text for item in told.values() for text in (item.label, item.unit, item.source)]
    assert not [text for text in words if "tick" in text or "_" in text or "script" in text]
    assert told["campaign_for"].source == "assumption: no campaign"
    assert told["infection_chance"].unit == "per day"
    assert told["vote_habit"].label == "pull of doing the same as last week"
    assert "7 weeks" in told["salience_decay"].source


def test_list_templates_options_fit_a_select_on_a_phone() -> None:
    labels = [
        choice.label
        for template in template_options.list_templates()
        for option in template.options
        for choice in option.choices
    ]
    assert not [label for label in labels if len(label) > 38]


def test_list_templates_tells_parameters_with_their_sources(
    client: TestClient, auth_headers: Any
) -> None:
    found = client.get("/api/v1/domain-templates", headers=auth_headers()).json()
    assert [one["name"] for one in found] == list(TEMPLATES)
    for template in found:
        assert template["parameters"], template["name"]
        assert all(one["source"] and one["label"] for one in template["parameters"])
    contagion = next(one for one in found if one["name"] == "contagion")
    assert [one["name"] for one in contagion["alternatives"]] == [
        "susceptible",
        "infected",
        "recovered",
    ]
    assert contagion["start_shares"] == {"susceptible": 0.99, "infected": 0.01, "recovered": 0.0}
    assert [one["options"] for one in contagion["variants"]] == [
        {"course": "sir"},
        {"course": "sis"},
    ]
