"""The one door: a row before every call, settled once, no transaction open in between."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from factories.databases import database_environment
from factories.llm import OpenAIServer, Reply, completion, openai_server

from agentverse import llm
from agentverse.llm import errors
from agentverse.llm.models import CallRow
from agentverse.llm.repository import get_call
from agentverse.platform.clock import now
from agentverse.platform.db import engines, roles
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope

Configure = Callable[..., None]

QUESTION = [llm.Message(role="user", content="What moves adoption?")]
PRICED = {
    "MODEL": "m",
    "INPUT_USD_PER_MILLION": "0.15",
    "OUTPUT_USD_PER_MILLION": "0.6",
}


def complete(scope: Scope, **options: Any) -> llm.Completion:
    return llm.complete(scope, profile="EXPLANATION_GENERATOR", messages=QUESTION, **options)


def all_calls(scope: Scope) -> list[CallRow]:
    with tenant_session(scope) as db:
        return list(db.query(CallRow).order_by(CallRow.id))


def only_call(scope: Scope) -> CallRow:
    (row,) = all_calls(scope)
    return row


def test_complete_settles_the_row_with_tokens_and_exact_cost(
    scope: Scope, configure: Configure
) -> None:
    origin = new_id()
    reply = Reply(document=completion("Price.", prompt_tokens=1000, completion_tokens=250))
    with openai_server(reply) as server:
        configure(BASE_URL=server.base_url, **PRICED)
        answer = complete(scope, origin=origin)

    row = only_call(scope)
    assert (answer.call_id, answer.text) == (row.id, "Price.")
    # 1000 × 0.15 + 250 × 0.60 USD per million
    assert answer.cost_usd == row.cost_usd == Decimal("0.0003000000")
    assert (row.state, row.cost_source, row.origin) == ("succeeded", "price_snapshot", origin)
    assert (row.input_tokens, row.output_tokens) == (1000, 250)
    assert (row.profile, row.model, row.served_model) == (
        "EXPLANATION_GENERATOR",
        "m",
        "served-model",
    )
    assert (row.actor_kind, row.actor_id) == (scope.actor.kind, scope.actor.id)
    assert row.latency_milliseconds is not None
    assert row.settled_at is not None


def test_complete_prefers_the_providers_own_cost(scope: Scope, configure: Configure) -> None:
    document = completion(prompt_tokens=1, completion_tokens=1, cost="0.0123456789")
    with openai_server(Reply(document=document)) as server:
        configure(BASE_URL=server.base_url, **PRICED)
        complete(scope)

    row = only_call(scope)
    assert (row.cost_usd, row.cost_source) == (Decimal("0.0123456789"), "provider")


def test_complete_without_counts_or_cost_records_that_it_is_unknown(
    scope: Scope, configure: Configure
) -> None:
    with openai_server(Reply(document=completion())) as server:
        configure(BASE_URL=server.base_url, **PRICED)
        answer = complete(scope)

    row = only_call(scope)
    assert answer.cost_usd is None
    assert (row.state, row.cost_usd, row.cost_source) == ("succeeded", None, "unknown")


def test_complete_of_a_free_model_costs_nothing(scope: Scope, configure: Configure) -> None:
    document = completion(prompt_tokens=5, completion_tokens=5)
    with openai_server(Reply(document=document)) as server:
        configure(BASE_URL=server.base_url, MODEL="m", FREE="true")
        complete(scope)

    row = only_call(scope)
    assert (row.hold_usd, row.cost_usd, row.cost_source) == (0, 0, "free")


def test_complete_while_the_provider_thinks_shows_a_reserved_row_and_holds_no_transaction(
    scope: Scope, configure: Configure, database: engines.Database
) -> None:
    hold = threading.Event()
    reply = Reply(document=completion(prompt_tokens=1, completion_tokens=1), hold=hold)
    with openai_server(reply) as server, ThreadPoolExecutor(1) as pool:
        configure(BASE_URL=server.base_url, **PRICED)
        running = pool.submit(complete, scope)
        assert server.asked.wait(10)

        row = only_call(scope)
        with tenant_session(scope) as db:
            held = llm.held_usd(db)
        open_transactions = count_open_transactions(database)
        hold.set()
        running.result(10)

    assert (row.state, row.settled_at, row.cost_usd) == ("reserved", None, None)
    assert held == row.hold_usd > 0
    assert open_transactions == 0
    with tenant_session(scope) as db:
        assert llm.held_usd(db) == 0


def count_open_transactions(database: engines.Database) -> int:
    with psycopg.connect(roles.conninfo(database.urls.app), autocommit=True) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user "
            "AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
        ).fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("reply", "code", "cost_source"),
    [
        (Reply(status=401, document={"error": {}}), "llm_credentials_refused", "not_charged"),
        (Reply(status=429, document={"error": {}}), "llm_rate_limited", "not_charged"),
        (Reply(body=b"<html>"), "llm_answer_unreadable", "unknown"),
        (Reply(body=b"{", cut=True), "llm_answer_unreadable", "unknown"),
    ],
)
def test_complete_when_the_provider_fails_settles_the_row_as_failed(
    scope: Scope, configure: Configure, reply: Reply, code: str, cost_source: str
) -> None:
    with openai_server(reply) as server:
        configure(BASE_URL=server.base_url, **PRICED)
        with pytest.raises(errors.LlmError):
            complete(scope)

    row = only_call(scope)
    assert (row.state, row.error_code, row.cost_source) == ("failed", code, cost_source)


def test_complete_without_a_provider_says_what_to_set_and_writes_no_row(
    scope: Scope, configure: Configure
) -> None:
    del configure
    with pytest.raises(errors.NoProvider) as caught:
        complete(scope)

    assert "OPENROUTER_API_KEY" in caught.value.detail
    assert "AGENTVERSE_LLM_BASE_URL" in caught.value.detail
    assert all_calls(scope) == []


def test_complete_with_an_unpriced_model_calls_nobody(scope: Scope, configure: Configure) -> None:
    with openai_server(Reply(document=completion())) as server:
        configure(BASE_URL=server.base_url, MODEL="m")
        with pytest.raises(errors.UnpricedModel):
            complete(scope)

    assert server.received == []
    assert all_calls(scope) == []


def test_complete_with_a_script_answers_the_same_every_time(
    scope: Scope, configure: Configure, tmp_path: Path
) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"contains": "adoption", "answer": "The price does."}]))
    configure(SCRIPT=script)

    answers = [complete(scope).text for _ in range(2)]

    assert answers == ["The price does."] * 2
    assert [(row.provider, row.input_tokens, row.cost_usd) for row in all_calls(scope)] == [
        ("scripted", 3, 0),
        ("scripted", 3, 0),
    ]


def test_complete_when_the_script_has_no_answer_fails_by_name(
    scope: Scope, configure: Configure, tmp_path: Path
) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"contains": "weather", "answer": "Rain."}]))
    configure(SCRIPT=script)

    with pytest.raises(errors.NotScripted):
        complete(scope)

    assert only_call(scope).error_code == "llm_not_scripted"


def test_complete_with_an_unusable_script_names_the_file(
    scope: Scope, configure: Configure, tmp_path: Path
) -> None:
    script = tmp_path / "script.json"
    script.write_text('{"contains": "adoption"}')
    configure(SCRIPT=script)

    with pytest.raises(errors.UnusableScript, match=r"script\.json"):
        complete(scope)


CHILD = """
import sys
from uuid import UUID
from agentverse import llm
from agentverse.entrypoints import tables
from agentverse.platform.scope import system_scope

assert tables.metadata
llm.complete(
    system_scope(UUID(sys.argv[1])),
    profile="EXPLANATION_GENERATOR",
    messages=[llm.Message(role="user", content="What moves adoption?")],
)
"""


def test_complete_killed_between_reserve_and_settle_leaves_a_row_that_expires(
    scope: Scope, configure: Configure, database: engines.Database
) -> None:
    del configure
    with openai_server(Reply(document=completion(), hold=threading.Event())) as server:
        with start_child(scope, database, server) as child:
            asked = server.asked.wait(30)
            child.send_signal(signal.SIGKILL)
        assert asked

        row = only_call(scope)
        assert row.state == "reserved"
        assert llm.sweep(scope) == 0  # not expired yet: it could still be alive

        expire(scope, row)
        with tenant_session(scope) as db:
            assert llm.held_usd(db) == 0  # freed by time alone, before any sweep
        assert llm.sweep(scope) == 1

    assert only_call(scope).state == "abandoned"


def start_child(
    scope: Scope, database: engines.Database, server: OpenAIServer
) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        **database_environment(database.urls),
        "AGENTVERSE_LLM_BASE_URL": server.base_url,
        **{f"AGENTVERSE_LLM_{name}": value for name, value in PRICED.items()},
    }
    return subprocess.Popen([sys.executable, "-c", CHILD, str(scope.tenant_id)], env=environment)


def expire(scope: Scope, row: CallRow) -> None:
    with tenant_session(scope) as db:
        found = get_call(db, row.id)
        assert found is not None
        found.expires_at = now() - timedelta(seconds=1)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_complete_when_the_caller_leaves_settles_as_cancelled_with_unknown_cost(
    scope: Scope, configure: Configure, interruption: type[BaseException]
) -> None:
    def interrupt(*_: object) -> None:
        raise interruption

    with openai_server(Reply(document=completion(), hold=threading.Event())) as server:
        configure(BASE_URL=server.base_url, **PRICED)
        before = signal.signal(signal.SIGUSR1, interrupt)
        try:
            main_thread = threading.main_thread().ident
            assert main_thread is not None
            waiter = threading.Thread(
                target=lambda: (
                    server.asked.wait(10) and signal.pthread_kill(main_thread, signal.SIGUSR1)
                )
            )
            waiter.start()
            with pytest.raises(interruption):
                complete(scope)
            waiter.join()
        finally:
            signal.signal(signal.SIGUSR1, before)

    row = only_call(scope)
    assert (row.state, row.cost_source) == ("cancelled", "unknown")


def test_complete_never_lets_the_key_or_the_text_into_rows_errors_or_logs(
    scope: Scope,
    configure: Configure,
    caplog: pytest.LogCaptureFixture,
    database: engines.Database,
) -> None:
    canary, private = "sk-canary-51ce", "A private sentence."
    caplog.set_level(logging.DEBUG)
    replies = [
        Reply(status=status, document={"error": {"message": f"{canary} is bad"}})
        for status in (400, 401, 500)
    ]
    raised: list[str] = []
    with openai_server(*replies) as server:
        configure(BASE_URL=server.base_url, API_KEY=canary, **PRICED)
        for _ in replies:
            with pytest.raises(errors.LlmError) as caught:
                llm.complete(
                    scope,
                    profile="DEEP_SEARCH",
                    messages=[llm.Message(role="user", content=private)],
                )
            raised.append(f"{caught.value!r} {caught.value.detail} {caught.value.extra}")

    assert server.received[0].headers["Authorization"] == f"Bearer {canary}"
    stored = dump_calls(scope)
    assert stored.count("DEEP_SEARCH") == 3
    for secret in (canary, private):
        assert secret not in stored
        assert secret not in " ".join(raised)
        assert secret not in caplog.text


def dump_calls(scope: Scope) -> str:
    with tenant_session(scope) as db:
        return json.dumps([row.__dict__ for row in db.query(CallRow)], default=str)


def test_usage_sums_exactly_over_the_calls_of_one_origin(
    scope: Scope, configure: Configure, db: TenantSession
) -> None:
    origin, costs = new_id(), ["0.1", "0.2", "0.0000000001"]
    replies = [
        *(Reply(document=completion(prompt_tokens=1, completion_tokens=1, cost=c)) for c in costs),
        Reply(body=b"<html>"),
        Reply(document=completion(cost="5")),
    ]
    with openai_server(*replies) as server:
        configure(BASE_URL=server.base_url, **PRICED)
        for _ in costs:
            complete(scope, origin=origin)
        with pytest.raises(errors.AnswerUnreadable):
            complete(scope, origin=origin)
        complete(scope, origin=new_id())

    found = llm.usage(db, origin=origin)
    assert found == llm.Usage(calls=4, cost_usd=Decimal("0.3000000001"), unknown_cost_calls=1)


def test_usage_of_an_origin_without_calls_is_zero(db: TenantSession) -> None:
    assert llm.usage(db, origin=new_id()) == llm.Usage(calls=0, cost_usd=Decimal(0))


def test_usage_never_counts_another_tenants_calls(
    scope: Scope, other_scope: Scope, configure: Configure
) -> None:
    origin = new_id()
    with openai_server(Reply(document=completion(cost="1"))) as server:
        configure(BASE_URL=server.base_url, **PRICED)
        complete(scope, origin=origin)

    with tenant_session(other_scope) as db:
        assert llm.usage(db, origin=origin).calls == 0
    with tenant_session(scope) as db:
        assert llm.usage(db, origin=origin).calls == 1
