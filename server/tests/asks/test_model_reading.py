"""A model that reads a question: right, wrong, slow, over budget or dead, it ends in one named
state, invents nothing, and stands in the ledger with project and feature.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from factories.llm import make_budget
from factories.model_server import Behaviour, ModelServer, say, silence, usage
from sqlalchemy import select

from agentverse.asks import model_reading
from agentverse.asks.model_reading import Reading
from agentverse.compiler import Term, Vocabulary
from agentverse.llm.models import CallRow
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse_engine import packs

PACK = packs.contagion()
VOCABULARY = Vocabulary(
    variables=PACK.variables,
    alternatives={},
    families={},
    regions={"coast": Term("coast")},
    segments={},
    horizon=36,
    tick_unit="day",
)
QUESTION = "Suppose folk on the coast kept clear of half of those they used to meet, from day 14"
PROJECT, ORIGIN = UUID(int=11), UUID(int=12)


def answer(**fields: Any) -> str:
    change = {
        "words": "folk on the coast kept clear of half of those they used to meet",
        "variable": "contact_reduction",
        "mode": "set",
        "direction": "none",
        "amount": "half",
        "of_today": False,
        "when": ["from day 14"],
        "who": "on the coast",
        "regions": ["coast"],
        "segments": [],
        **fields,
    }
    return json.dumps({"changes": [change], "left_out": []})


RIGHT = answer()
LIES = {
    "invented number": answer(amount="70 %"),
    "unknown variable": answer(variable="price.bread"),
    "words of another project": answer(words="heat pumps cost less", who="in the valley"),
    "prose": "Contacts would fall by half, I think.",
    "cut": RIGHT[:40],
}


def read(scope: Scope, question: str = QUESTION) -> Reading:
    return model_reading.read_question(
        scope, question, VOCABULARY, project_id=PROJECT, origin=ORIGIN
    )


def calls(scope: Scope) -> list[CallRow]:
    with tenant_session(scope, read_only=True) as db:
        return list(db.scalars(select(CallRow).order_by(CallRow.id)))


ModelReads = Callable[..., ModelServer]


def test_right_reading_is_offered_with_its_cost_and_stands_in_the_ledger(
    scope: Scope, model_reads: ModelReads
) -> None:
    server = model_reads(say(RIGHT, counted=usage(1000, 250)))
    found = read(scope)

    assert (found.state, found.reason, found.served_model) == ("read", None, "primary/m")
    assert found.compilation is not None
    (script,) = found.compilation.event_scripts
    assert (script.variable, script.operation, script.value) == ("contact_reduction", "set", 0.5)
    assert (script.scope.regions, script.scope.start_tick) == (("coast",), 14)
    assert (found.calls, Decimal(found.cost_usd)) == (1, Decimal("0.0003"))

    (row,) = calls(scope)
    assert (row.project_id, row.feature, row.profile_key) == (PROJECT, "ask", model_reading.PROFILE)
    assert (row.state, row.origin, row.cost_usd) == ("succeeded", ORIGIN, Decimal("0.0003"))
    asked = server.received[0].document
    assert asked["temperature"] == 0
    assert asked["messages"][-1] == {"role": "user", "content": QUESTION}
    schema = asked["response_format"]["json_schema"]["schema"]
    variables = schema["properties"]["changes"]["items"]["properties"]["variable"]["enum"]
    assert variables == [variable.name for variable in PACK.variables]


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_wrong_reading_is_repaired_once_and_then_dropped(
    scope: Scope, model_reads: ModelReads, lie: str
) -> None:
    server = model_reads(say(lie, counted=usage(1000, 250)))
    found = read(scope)

    assert (found.state, found.compilation, found.calls) == ("invalid", None, 2)
    assert found.reason
    assert Decimal(found.cost_usd) == 2 * Decimal("0.0003")
    assert [row.state for row in calls(scope)] == ["succeeded", "succeeded"]
    repair = server.received[1].document["messages"][-1]["content"]
    assert found.reason in repair


def test_repaired_reading_is_read(scope: Scope, model_reads: ModelReads) -> None:
    model_reads(say(LIES["invented number"]), say(RIGHT))
    found = read(scope)
    assert (found.state, found.calls, found.reason) == ("read", 2, None)


def test_model_that_finds_nothing_says_so(scope: Scope, model_reads: ModelReads) -> None:
    model_reads(say(json.dumps({"changes": [], "left_out": ["half"]})))
    found = read(scope)
    assert (found.state, found.compilation, found.calls) == ("nothing", None, 1)


@pytest.mark.parametrize(
    ("replies", "state", "code", "made"),
    [
        ((), "unavailable", "upstream_error", 1),
        ((say(LIES["prose"]), silence), "timed_out", "upstream_timeout", 2),
        ((silence,), "timed_out", "upstream_timeout", 1),
    ],
    ids=["dead", "slow at the repair", "slow"],
)
def test_model_that_does_not_answer_is_named(
    scope: Scope,
    model_reads: ModelReads,
    replies: tuple[Behaviour, ...],
    state: str,
    code: str,
    made: int,
) -> None:
    model_reads(*replies, first_token_seconds=0.3)
    found = read(scope)
    assert (found.state, found.code, found.compilation) == (state, code, None)
    assert found.message
    rows = calls(scope)
    assert (len(rows), found.calls, rows[-1].state) == (made, made, "failed")


def test_spent_budget_asks_no_model(scope: Scope, model_reads: ModelReads) -> None:
    server = model_reads(say(RIGHT))
    make_budget(scope.tenant_id, "0", scope="feature", scope_id="ask")
    found = read(scope)
    assert (found.state, found.code, found.calls) == ("over_budget", "budget_exceeded", 0)
    assert not server.received
    assert calls(scope) == []


def test_installation_without_a_model_says_so(scope: Scope, model_reads: ModelReads) -> None:
    model_reads(model=None)
    found = read(scope)
    assert (found.state, found.code, found.calls) == ("not_configured", "llm_not_configured", 0)


def test_role_that_may_not_call_models_calls_none(scope: Scope, model_reads: ModelReads) -> None:
    server = model_reads(say(RIGHT))
    found = read(replace(scope, permissions=scope.permissions - {"llm:call"}))
    assert (found.state, found.calls) == ("not_allowed", 0)
    assert not server.received


def test_question_of_another_origin_is_not_counted(scope: Scope, model_reads: ModelReads) -> None:
    model_reads(say(RIGHT))
    read(scope)
    other = model_reading.read_question(
        scope, QUESTION, VOCABULARY, project_id=PROJECT, origin=new_id()
    )
    assert other.calls == 1
