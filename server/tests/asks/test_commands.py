"""The command line: one object on standard output, clear ends, the demo found again."""

import errno
import json
from decimal import Decimal
from typing import Any

import pytest
from factories.tasks import claim_of_a_dead_worker
from factories.universe import SUBSIDY, make_project
from sqlalchemy import text
from typer.testing import CliRunner, Result

from agentverse.asks import commands, demonstrating
from agentverse.entrypoints import seek_command
from agentverse.platform.command_line import CommandLine
from agentverse.platform.db import engines, migrating
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.universe import branching
from agentverse.universe.schemas import Project

PUBLISHED = {
    "ic": -0.00153315,
    "oc": -0.00699637,
    "ec": 1.65885,
    "er": 1.85344,
    "gc": 1.71098,
    "gr": 0.30826,
}


@pytest.fixture
def line(database: engines.Database, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The test's database stands in for the one the command would start."""
    monkeypatch.setattr(migrating, "prepare", lambda _settings: database)  # pyright: ignore[reportUnknownLambdaType,reportUnknownArgumentType]

    def serve(**_options: object) -> None:
        raise AssertionError("nothing here serves")

    return CommandLine(
        serve=serve, refuse_busy_port=lambda _host, _port: None, import_handlers=lambda: None
    )


@pytest.fixture
def project(scope: Scope) -> Project:
    return make_project(scope)


def run(line: CommandLine, *arguments: str) -> Result:
    return CliRunner().invoke(commands.commands, list(arguments), obj=line)


def ask(line: CommandLine, question: str, *options: str) -> tuple[int, dict[str, Any]]:
    result = run(line, "ask", "--project", "heating", "--json", *options, question)
    return result.exit_code, json.loads(result.stdout)


VAGUE = "Our neighbour says the installation cost of heat pumps falls by 30% from month 2"


@pytest.mark.usefixtures("project")
def test_ask_with_a_suggestion_runs_it_and_without_one_names_it(line: CommandLine) -> None:
    shown = run(line, "ask", "--project", "heating", "--compile-only", VAGUE)
    assert shown.exit_code == commands.BAD_INPUT
    (first, *_) = [row for row in shown.stdout.splitlines() if "--suggestion 1" in row]
    assert "installation cost of heat pump" in first
    assert " → " in first
    assert ask(line, VAGUE, "--suggestion", "99")[1]["problem"]["code"] == "suggestion_missing"

    code, found = ask(line, VAGUE, "--suggestion", "1")

    assert code == 0
    (script,) = found["confirmed"]
    assert (script["variable"], script["value"]) == ("installation_cost.hp", 0.7)
    assert script["scope"]["start_tick"] == 2
    assert found["difference"]["hp"]["clear"]


@pytest.mark.usefixtures("project")
def test_ask_with_sweep_asks_each_value_and_prints_the_elasticity(line: CommandLine) -> None:
    question = "What if the installation cost of heat pumps is $600 or $900?"
    code, document = ask(line, question, "--sweep")
    assert code == 0
    assert [point["value"] for point in document["sweep"]["points"]] == [600.0, 900.0]
    assert document["sweep"]["elasticities"][0]["median"] < 0
    code, document = ask(line, VAGUE, "--sweep")
    assert (code, document["problem"]["code"]) == (2, "suggestion_missing")
    told = run(line, "ask", "--project", "heating", "--sweep", question).stdout
    assert "arc elasticity between 600 and 900 USD: -" in told


@pytest.mark.usefixtures("project")
def test_seek_finds_a_value_or_says_that_there_is_none(line: CommandLine) -> None:
    def seek(question: str) -> tuple[int, dict[str, Any]]:
        arguments = ["--project", "heating", "--json", question]
        result = CliRunner().invoke(seek_command.commands, arguments, obj=line)
        return result.exit_code, json.loads(result.stdout)

    code, document = seek("What installation cost gives heat pumps 10 %?")
    assert code == 0
    assert document["result"]["reached"]
    assert document["result"]["outcome"] == pytest.approx(0.1, abs=0.0005)
    code, document = seek("What installation cost gives heat pumps 99 %?")
    assert (code, document["result"]["reached"]) == (0, False)
    code, document = seek("What if heat pumps cost $800?")
    assert (code, document["problem"]["code"]) == (2, "question_not_understood")


@pytest.mark.usefixtures("project")
def test_ask_prints_the_whole_answer_as_one_object(line: CommandLine) -> None:
    code, found = ask(line, SUBSIDY)
    assert code == 0
    assert found["compiled"]["event_scripts"][0]["variable"] == "installation_cost.hp"
    assert found["compiled"]["event_scripts"][0]["scope"] == {
        "regions": [],
        "segments": [],
        "start_tick": 2,
        "end_tick": None,
        "personas": [],
        "where": [],
    }
    assert found["difference"]["hp"]["clear"]
    assert set(found["difference"]["segments"]) == {"low_income", "middle_income", "high_income"}
    for side in ("baseline", "branch"):
        low, high = found[side]["interval"]["hp"]
        assert low <= found[side]["shares"]["hp"] <= high
        assert len(found[side]["run_ids"]) == 2
    assert found["llm"] == {"calls": 0, "cost_usd": "0"}
    assert found["timings"]["reused"] == {"baseline": False}


@pytest.mark.usefixtures("project")
def test_ask_json_has_every_key_the_contract_names(line: CommandLine) -> None:
    _, found = ask(line, SUBSIDY)
    promised = {
        "population": {"rows_imported", "personas", "digest"},
        "estimation": {"coefficients", "log_likelihood"},
        "baseline": {"node_id", "run_ids", "shares", "interval", "digest"},
        "branch": {"node_id", "run_ids", "shares", "interval", "digest"},
        "compiled": {"event_scripts", "unmapped"},
        "llm": {"calls", "cost_usd"},
        "difference": {"ec", "er", "gc", "gr", "hp"},
        "closed_form": {"ec", "er", "gc", "gr", "hp"},
        "timings": {"baseline_seconds", "ask_seconds", "compare_seconds", "total_seconds"},
    }
    for name, keys in promised.items():
        assert keys <= set(found[name]), name
    script = found["compiled"]["event_scripts"][0]
    assert {"variable", "operation", "value", "scope"} <= set(script)
    assert found["compiled"]["unmapped"] == []
    assert isinstance(found["llm"]["cost_usd"], str)
    assert Decimal(found["llm"]["cost_usd"]) == 0


@pytest.mark.usefixtures("project")
def test_ask_that_breaks_unexpectedly_still_prints_one_object(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("disk full at /secret/place")

    monkeypatch.setattr(commands.reporting, "document", fail)
    result = run(line, "ask", "--project", "heating", "--json", SUBSIDY)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problem"]["status"] == 500
    assert "secret" not in result.stdout
    assert "disk full" in result.stderr


@pytest.mark.usefixtures("project")
def test_ask_twice_gives_the_same_digests(line: CommandLine) -> None:
    _, first = ask(line, SUBSIDY)
    _, second = ask(line, SUBSIDY)
    assert second["timings"]["reused"] == {"baseline": True}
    assert first["branch"]["node_id"] != second["branch"]["node_id"], "asking again is a new node"
    assert first["branch"]["digest"] == second["branch"]["digest"]


@pytest.mark.usefixtures("project")
def test_ask_compile_only_runs_nothing(line: CommandLine) -> None:
    code, found = ask(line, SUBSIDY, "--compile-only")
    assert code == 0
    assert set(found) == {"question", "compiled"}


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("options", [(), ("--compile-only",)])
def test_ask_what_does_not_map_ends_with_two_and_says_what(
    line: CommandLine, options: tuple[str, ...]
) -> None:
    code, found = ask(line, "What if the moon turns green?", *options)
    assert code == 2
    assert found["compiled"]["event_scripts"] == []
    assert found["compiled"]["unmapped"][0]["message"]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("question", "code"), [("  ", "question_empty"), ("a" * 10_000, "question_too_long")]
)
def test_ask_an_unusable_question_ends_with_two(
    line: CommandLine, question: str, code: str
) -> None:
    ended, found = ask(line, question)
    assert (ended, found["problem"]["code"]) == (2, code)


@pytest.mark.usefixtures("project")
def test_ask_an_unknown_project_names_the_known_ones(line: CommandLine) -> None:
    result = run(line, "ask", "--project", "cooling", SUBSIDY)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Projects here: heating" in result.stderr


def test_ask_without_anybody_says_what_to_do(line: CommandLine) -> None:
    result = run(line, "ask", "--project", "heating", SUBSIDY)
    assert result.exit_code == 2
    assert "agentverse demo" in result.stderr


def test_demo_once_reproduces_the_published_fit_and_itself(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demonstrating, "PERSONAS", 2000)
    first, second = (run(line, "demo", "--once", "--json") for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0), first.stderr + second.stderr
    one, other = json.loads(first.stdout), json.loads(second.stdout)
    for name, published in PUBLISHED.items():
        assert one["estimation"]["coefficients"][name] == pytest.approx(published, rel=1e-3)
    assert one["estimation"]["log_likelihood"] == pytest.approx(-1008.23, abs=0.01)
    assert (one["population"]["rows_imported"], one["population"]["personas"]) == (900, 2000)
    for side in ("baseline", "branch"):
        assert one[side]["digest"] == other[side]["digest"]
        assert one[side]["node_id"] == other[side]["node_id"], "the map does not grow"
        assert one[side]["run_ids"] != other[side]["run_ids"], "both were executed again"
    assert other["timings"]["reused"] == {"population": True, "project": True}
    assert one["difference"] == other["difference"]


def test_ask_finishes_what_a_killed_process_left_behind(
    line: CommandLine, project: Project, scope: Scope
) -> None:
    """Its baseline was being run by a process that is no more: the job has no worker."""
    with tenant_session(scope) as db:
        left = branching.run_node(db, project.root_node_id).run_ids
    with engines.current().engine.begin() as connection:
        connection.execute(text("SELECT procrastinate_fetch_job_v2(NULL, NULL)"))
    claim_of_a_dead_worker(scope, left[0])
    code, found = ask(line, SUBSIDY)
    assert code == 0
    assert found["baseline"]["run_ids"] == [str(run_id) for run_id in left]


def test_demo_json_without_once_is_a_usage_error(line: CommandLine) -> None:
    result = run(line, "demo", "--json")
    assert result.exit_code == 2
    assert "--once" in result.stderr


def test_demo_once_for_people_tells_the_finding_first(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demonstrating, "PERSONAS", 2000)
    result = run(line, "demo", "--once")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Heat pump: share of new installations in months 1–36")
    assert "Running the baseline …" in result.stderr


@pytest.mark.usefixtures("project")
def test_reader_who_leaves_ends_the_command_without_a_trace(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_document: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(commands, "print_json", gone)
    result = run(line, "ask", "--project", "heating", "--json", "--compile-only", SUBSIDY)
    assert (result.exit_code, result.stdout, "Traceback" in result.stderr) == (1, "", False)
