"""Users × tenants × roles × keys: whatever happens, the server allows what the reference allows."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from factories.identity import (
    Member,
    access_token,
    add_member,
    make_member,
    platform_scope,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from agentverse import identity
from agentverse.identity import api_keys, key_authentication, members, tenant_administration
from agentverse.identity.schemas import ApiKeyCreate, MemberUpdate, TenantSuspend
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope

CATALOGUE = sorted(identity.permissions_of("owner"))
RANKS = ("viewer", "analyst", "admin", "owner")
roles = st.sampled_from(RANKS)
numbers = st.integers(0, 10**6)
actors = st.none() | numbers


@dataclass(slots=True)
class User:
    """As the reference knows one: no look at the database ever changes this."""

    member: Member
    token: str
    tenant: "Tenant"
    role: str
    status: str = "active"


@dataclass(slots=True)
class Tenant:
    active: bool = True
    users: list[User] = field(default_factory=list[User])

    def owners(self) -> list[User]:
        return [u for u in self.users if (u.role, u.status) == ("owner", "active")]


@dataclass(slots=True)
class Key:
    maker: User
    scopes: frozenset[str]
    text: str
    id: UUID
    revoked: bool = False


def reference_of_user(user: User) -> frozenset[str] | None:
    """What the user may do; None: not let in."""
    if not user.tenant.active or user.status != "active":
        return None
    return identity.permissions_of(user.role)


def reference_of_key(key: Key) -> frozenset[str] | None:
    held = reference_of_user(key.maker)
    return None if held is None or key.revoked else held & key.scopes


def actual(credential: str) -> frozenset[str] | None:
    key_authentication.forget()
    try:
        scope = identity.authenticate(credential)
    except AgentVerseError:
        return None
    assert isinstance(scope, Scope)
    return scope.permissions


def may_change(actor: User, target: User, wanted: str) -> bool:
    held = reference_of_user(actor)
    if held is None or "members:write" not in held or actor.tenant is not target.tenant:
        return False
    if target.status == "removed":
        return False
    own = RANKS.index(actor.role)
    return own >= RANKS.index(target.role) and own >= RANKS.index(wanted)


class Authority(RuleBasedStateMachine):
    @initialize()
    def two_tenants(self) -> None:
        self.tenants: list[Tenant] = []
        self.users: list[User] = []
        self.keys: list[Key] = []
        for _ in range(2):
            tenant = Tenant()
            self.tenants.append(tenant)
            self._enter(make_member(f"owner-{new_id()}@example.org"), tenant, "owner")

    def _enter(self, member: Member, tenant: Tenant, role: str) -> None:
        user = User(member=member, token=access_token(member), tenant=tenant, role=role)
        tenant.users.append(user)
        self.users.append(user)

    def _user(self, number: int) -> User:
        return self.users[number % len(self.users)]

    @rule(number=numbers, role=roles)
    def join(self, number: int, role: str) -> None:
        tenant = self.tenants[number % 2]
        if tenant.active:
            self._enter(add_member(tenant.users[0].member, role), tenant, role)

    def _actor(self, number: int | None, target: User) -> User:
        """Anybody, or (None) the first of the target's tenant, whom most things are allowed."""
        return target.tenant.users[0] if number is None else self._user(number)

    @rule(actor=actors, whom=numbers, role=roles)
    def change_role(self, actor: int | None, whom: int, role: str) -> None:
        target = self._user(whom)
        self._change(self._actor(actor, target), target, role=role)

    @rule(actor=actors, whom=numbers, status=st.sampled_from(("active", "suspended")))
    def change_status(self, actor: int | None, whom: int, status: str) -> None:
        target = self._user(whom)
        self._change(self._actor(actor, target), target, status=status)

    def _change(self, actor: User, target: User, **change: str) -> None:
        after = {"role": target.role, "status": target.status, **change}
        allowed = may_change(actor, target, after["role"])
        keeps_owner = after == {"role": "owner", "status": "active"}
        if allowed and not keeps_owner and target.tenant.owners() == [target]:
            allowed = False
        assert self._done(actor, target, MemberUpdate.model_validate(change)) == allowed
        if allowed:
            target.role, target.status = after["role"], after["status"]

    def _done(self, actor: User, target: User, request: MemberUpdate | None) -> bool:
        """Whether the server does it, asked as a route asks: credential, permission, operation."""
        try:
            scope = identity.authenticate(actor.token)
            assert isinstance(scope, Scope)
            if not scope.allows("members:write"):
                return False
            with tenant_session(scope) as db:
                if request is None:
                    members.remove_member(db, target.member.user_id)
                else:
                    members.update_member(db, target.member.user_id, request)
        except AgentVerseError:
            return False
        return True

    @rule(actor=actors, whom=numbers)
    def remove(self, actor: int | None, whom: int) -> None:
        leaver = self._user(whom)
        doer = self._actor(actor, leaver)
        allowed = may_change(doer, leaver, leaver.role) and leaver.tenant.owners() != [leaver]
        assert self._done(doer, leaver, None) == allowed
        if allowed:
            leaver.status = "removed"
            for key in self.keys:
                key.revoked = key.revoked or key.maker is leaver

    @rule(number=numbers, scopes=st.sets(st.sampled_from(CATALOGUE), min_size=1))
    def make_key(self, number: int, scopes: set[str]) -> None:
        maker = self._user(number)
        held = reference_of_user(maker)
        assert self._make_key(maker, scopes) == (held is not None and scopes <= held)

    @rule(number=numbers)
    def make_widest_key(self, number: int) -> None:
        maker = self._user(number)
        held = reference_of_user(maker)
        assert self._make_key(maker, set(held or CATALOGUE)) == (held is not None)

    def _make_key(self, maker: User, scopes: set[str]) -> bool:
        request = ApiKeyCreate(name="a key", scopes=sorted(scopes))
        try:
            scope = identity.authenticate(maker.token)
            assert isinstance(scope, Scope)
            with tenant_session(scope) as db:
                made = api_keys.create_api_key(db, request)
        except AgentVerseError:
            return False
        self.keys.append(Key(maker=maker, scopes=frozenset(scopes), text=made.key, id=made.id))
        return True

    @rule(number=numbers)
    def revoke_key(self, number: int) -> None:
        if self.keys:
            key = self.keys[number % len(self.keys)]
            with tenant_session(key.maker.tenant.users[0].member.scope) as db:
                api_keys.revoke_api_key(db, key.id)
            key.revoked = True

    @rule(number=numbers, active=st.sampled_from((True, True, True, False)))
    def turn_tenant(self, number: int, active: bool) -> None:
        tenant = self.tenants[number % 2]
        tenant_id = tenant.users[0].member.tenant_id
        if active:
            tenant_administration.resume(platform_scope(), tenant_id)
        else:
            tenant_administration.suspend(
                platform_scope(), tenant_id, TenantSuspend(reason="a test")
            )
        tenant.active = active

    @invariant()
    def server_allows_what_the_reference_allows(self) -> None:
        for user in getattr(self, "users", []):
            assert actual(user.token) == reference_of_user(user)
        for key in getattr(self, "keys", []):
            assert actual(key.text) == reference_of_key(key)


def run(examples: int, steps: int) -> None:
    options = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    run_state_machine_as_test(Authority, settings=options)


def test_authority_follows_the_reference(database: object) -> None:
    """8 histories of 20 steps here, 300 of 60 in `make test-long`."""
    run(8, 20)


@pytest.mark.long
def test_authority_follows_the_reference_for_long(database: object) -> None:
    run(300, 60)


def test_the_model_itself_tells_a_key_that_outlives_a_role(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control: were a key to keep what its maker lost, the invariant would say so."""
    history = Authority()
    history.two_tenants()
    history.join(0, "admin")
    history.make_widest_key(2)
    history.server_allows_what_the_reference_allows()

    def permissions_of_an_owner(_role: str) -> frozenset[str]:
        return identity.permissions_of("owner")

    monkeypatch.setattr(key_authentication, "permissions_of", permissions_of_an_owner)
    history.change_role(None, 2, "viewer")
    with pytest.raises(AssertionError):
        history.server_allows_what_the_reference_allows()
