"""Settled exactly once, whoever tries, and only by its own tenant."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from agentverse.llm import ledger, profiles, repository
from agentverse.llm.errors import AlreadySettled
from agentverse.llm.models import CallRow
from agentverse.llm.pricing import Price
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope

PRICE = Price(
    input=Decimal("0.15"), cached_input=Decimal("0.0750000001"), output=Decimal("0.6"), source="x"
)
HOLD = Decimal("0.0123456789")


def reserve(scope: Scope) -> ledger.Call:
    return ledger.reserve(
        scope,
        profile=profiles.resolve("DEEP_SEARCH"),
        provider="test",
        model="m",
        price=PRICE,
        hold_usd=HOLD,
        origin=None,
    )


def settle(scope: Scope, call: ledger.Call, usd: str = "0.5") -> None:
    ledger.settle(
        scope,
        call,
        state="succeeded",
        cost=ledger.Cost(usd=Decimal(usd), source="provider"),
        latency_seconds=0.25,
    )


def read(scope: Scope, call: ledger.Call) -> CallRow:
    with tenant_session(scope) as db:
        row = repository.get_call(db, call.id)
    assert row is not None
    return row


def test_reserve_commits_the_hold_and_the_price_snapshot(scope: Scope) -> None:
    row = read(scope, reserve(scope))

    assert (row.state, row.hold_usd) == ("reserved", HOLD)
    assert (row.input_usd_per_million, row.output_usd_per_million) == (PRICE.input, PRICE.output)
    assert row.cached_input_usd_per_million == PRICE.cached_input
    assert row.expires_at > now()


def test_settle_a_second_time_is_refused_and_changes_nothing(scope: Scope) -> None:
    call = reserve(scope)
    settle(scope, call, "0.5")

    with pytest.raises(AlreadySettled):
        settle(scope, call, "99")

    assert read(scope, call).cost_usd == Decimal("0.5")


def test_settle_by_many_at_once_succeeds_for_exactly_one(scope: Scope) -> None:
    call = reserve(scope)

    def attempt(index: int) -> int | None:
        try:
            settle(scope, call, str(index))
        except AlreadySettled:
            return None
        return index

    with ThreadPoolExecutor(8) as pool:
        winners = [won for won in pool.map(attempt, range(8)) if won is not None]

    assert len(winners) == 1
    assert read(scope, call).cost_usd == winners[0]


def test_database_itself_refuses_to_change_a_settled_call(scope: Scope) -> None:
    call = reserve(scope)
    settle(scope, call)

    with pytest.raises(DBAPIError, match="already settled"), tenant_session(scope) as db:
        db.execute(text("UPDATE llm_calls SET cost_usd = 0"))


@pytest.mark.parametrize("statement", ["DELETE FROM llm_calls", "TRUNCATE llm_calls"])
def test_database_itself_refuses_to_lose_a_call(scope: Scope, statement: str) -> None:
    reserve(scope)

    with pytest.raises(DBAPIError, match="permission denied"), tenant_session(scope) as db:
        db.execute(text(statement))


def test_settle_of_another_tenants_call_finds_nothing(scope: Scope, other_scope: Scope) -> None:
    call = reserve(scope)

    with pytest.raises(AlreadySettled):
        settle(other_scope, call)

    assert read(scope, call).state == "reserved"


def test_row_security_alone_hides_another_tenants_calls(scope: Scope, other_scope: Scope) -> None:
    reserve(scope)
    count = text("SELECT count(*) FROM llm_calls")

    # Raw SQL: the ORM's criteria do not apply, only the database's policy does.
    with tenant_session(other_scope) as db:
        assert db.execute(count).scalar_one() == 0
    with tenant_session(scope) as db:
        assert db.execute(count).scalar_one() == 1


def test_reserve_frees_the_holds_of_calls_that_died(scope: Scope) -> None:
    dead = reserve(scope)
    with tenant_session(scope) as db:
        db.execute(text("UPDATE llm_calls SET expires_at = now() - interval '1 second'"))

    alive = reserve(scope)

    assert (read(scope, dead).state, read(scope, alive).state) == ("abandoned", "reserved")


def test_settle_of_an_abandoned_call_records_its_real_cost(scope: Scope, db: TenantSession) -> None:
    call = reserve(scope)
    repository.abandon_expired_calls(db, read(scope, call).expires_at.replace(year=2999))
    db.commit()

    settle(scope, call, "0.7")

    row = read(scope, call)
    assert (row.state, row.cost_usd) == ("succeeded", Decimal("0.7"))


def test_cost_beyond_the_ledgers_digits_is_rounded_not_refused(scope: Scope) -> None:
    call = reserve(scope)

    settle(scope, call, "0.12345678905")

    assert read(scope, call).cost_usd == Decimal("0.1234567891")


@pytest.mark.parametrize(
    ("cost", "told"),
    [("3.000E-7", "0.0000003"), ("0E-10", "0"), ("12.50", "12.5"), ("100", "100")],
)
def test_cost_of_usage_travels_as_plain_digits(cost: str, told: str) -> None:
    assert ledger.Usage(calls=1, cost_usd=Decimal(cost)).cost_usd_text == told
