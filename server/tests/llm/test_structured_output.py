"""Answers that must fit the caller's schema: repaired so often, paid for, and never invented."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from factories.llm import make_budget, make_model, make_profile
from factories.model_server import Behaviour, events, model_server, piece, say
from sqlalchemy import select

from agentverse.llm.models import AttemptRow, BudgetWindowRow, CallRow
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope

Ask = Callable[..., Any]

SCHEMA = {
    "type": "object",
    "properties": {"share": {"type": "number", "maximum": 1}},
    "required": ["share"],
    "additionalProperties": False,
}
WANTED = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
GOOD, WRONG, PROSE = '{"share": 0.5}', '{"share": 7}', "About half."
# 1000 × 0.15 + 250 × 0.60 USD per million, of each answer.
COST = Decimal("0.0003")


def saying(text: str) -> Behaviour:
    return say(text)


def call_of(scope: Scope) -> tuple[CallRow, list[str]]:
    with tenant_session(scope) as db:
        call = db.scalars(select(CallRow)).one()
        found = db.scalars(select(AttemptRow.outcome).order_by(AttemptRow.number)).all()
    return call, list(found)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("first", [WRONG, PROSE])
def test_answer_that_does_not_fit_is_asked_for_again(
    ask: Ask, scope: Scope, first: str, stream: bool
) -> None:
    budget = make_budget(scope.tenant_id, "1")
    with model_server(saying(first), saying(GOOD)) as server:
        profile = make_profile(model=make_model(server.base_url), max_repairs=1)
        found = ask(profile, response_format=WANTED, stream=stream)

    assert found.status_code == 200
    assert (first[-3:] in found.text, "0.5" in found.text) == (False, True)
    call, outcomes = call_of(scope)
    assert outcomes == ["invalid_output", "succeeded"]
    assert (call.state, call.cost_usd, call.input_tokens) == ("succeeded", 2 * COST, 2000)
    assert call.hold_usd >= 2 * COST
    with tenant_session(scope) as db:
        window = db.scalars(select(BudgetWindowRow).filter_by(budget_id=budget)).one()
    assert (window.spent_usd, window.reserved_usd) == (2 * COST, 0)


@pytest.mark.parametrize("repairs", [0, 2])
def test_answer_that_never_fits_is_one_clear_error_and_is_paid(
    ask: Ask, scope: Scope, repairs: int
) -> None:
    with model_server(saying(WRONG)) as server:
        model, other = make_model(server.base_url), make_model(server.base_url, provider="other")
        profile = make_profile(model=model, fallback_models=[other], max_repairs=repairs)
        found = ask(profile, response_format=WANTED)

    assert (found.status_code, found.json()["error"]["code"]) == (502, "answer_invalid")
    assert found.headers["x-should-retry"] == "false"
    call, outcomes = call_of(scope)
    assert outcomes == ["invalid_output"] * (1 + repairs)
    assert (call.state, call.cost_usd) == ("failed", (1 + repairs) * COST)


def test_second_try_is_told_what_was_wrong_and_never_grows(ask: Ask) -> None:
    with model_server(saying("x" * 50_000), saying(WRONG), saying(GOOD)) as server:
        ask(make_profile(model=make_model(server.base_url), max_repairs=2), response_format=WANTED)

    first, second, third = (exchange.document["messages"] for exchange in server.received)
    assert (len(first), len(second), len(third)) == (1, 2, 2)
    assert len(json.dumps(second)) < 10_000
    assert "7 is greater than the maximum of 1" in third[1]["content"]
    assert WRONG in third[1]["content"]


def test_profile_without_repairs_passes_answers_on_unread(ask: Ask) -> None:
    with model_server(saying(PROSE)) as server:
        found = ask(make_model(server.base_url), response_format=WANTED)

    assert found.json()["choices"][0]["message"]["content"] == PROSE


def test_tool_call_needs_no_schema(ask: Ask) -> None:
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
    with model_server(events(piece({"tool_calls": [call]}), piece({}, "tool_calls"))) as server:
        profile = make_profile(model=make_model(server.base_url), max_repairs=0)
        assert ask(profile, response_format=WANTED).status_code == 200


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"$ref": "file:///etc/passwd"},
        {"type": "string", "pattern": "(?=a)b"},
        {"type": "string", "pattern": "("},
    ],
)
def test_impossible_schema_is_refused_by_its_field(ask: Ask, schema: dict[str, Any]) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    found = ask("primary/m", response_format=wanted)

    assert (found.status_code, found.json()["error"]["code"]) == (400, "invalid_value")
    assert found.json()["error"]["param"] == "response_format.json_schema.schema"


def test_tool_whose_parameters_are_no_schema_is_refused(ask: Ask) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "nonsense"}}}
    found = ask("primary/m", tools=[tool])

    assert (found.status_code, found.json()["error"]["code"]) == (400, "invalid_value")
    assert found.json()["error"]["param"] == "tools[0].function.parameters"


def test_schema_nested_without_end_is_refused_and_harms_nothing(ask: Ask) -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(400):
        schema = {"allOf": [schema]}
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}

    assert ask("primary/m", response_format=wanted).status_code in (400, 404)
