"""Sign up and sign in: by password, by a one-time token, into another of one's organizations."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

from agentverse import audit
from agentverse.identity import (
    invitations,
    persons,
    repository,
    second_factors,
    sessions,
    sign_in_throttling,
)
from agentverse.identity.errors import (
    InvalidEmail,
    NoMembership,
    NotAMember,
    OneTimeTokenRefused,
    SecondFactorWrong,
    SessionEnded,
    SignInFailed,
    TenantSuspended,
)
from agentverse.identity.models import OneTimeTokenRow, PersonRow, PersonTenantRow
from agentverse.identity.opaque_tokens import new_token, parse_token
from agentverse.identity.passwords import passwords
from agentverse.identity.sessions import Client, SignedIn
from agentverse.identity.tenants import create_tenant_with_owner, normalise_email
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import PersonSession, person_session
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Actor, Credential, Scope, system_scope
from agentverse.platform.settings import get_settings

NOBODY = Client()


def register(
    *, email: str, password: str, full_name: str, organization_name: str, client: Client = NOBODY
) -> SignedIn:
    """A new person and tenant, at a known address too: the answer must not tell which it is."""
    made = create_tenant_with_owner(
        email=email,
        full_name=full_name,
        organization_name=organization_name,
        password_hash=passwords().hash(password),
        request_id=client.request_id,
    )
    with tenant_session(client.acting(made.tenant_id, made.user_id)) as db:
        return sessions.start_session(db, made.user_id)


def sign_in(
    *,
    email: str,
    password: str,
    tenant_id: UUID | None = None,
    second_factor: str | None = None,
    invitation: str | None = None,
    client: Client = NOBODY,
) -> SignedIn:
    """Wrong address and wrong password are one answer, after the same work.

    tenant_id: which of the person's organizations; by default the last one, else any that lives.
    second_factor: the code of whoever set one up; refused ones count as failed sign-ins.
    invitation: join by its token instead, as whoever belongs to no organization must.
    Raises SignInFailed, and what `second_factors.demand`, `enter` and `invitations.join_by_token`
    raise.
    """
    address = _address_or_nobody(email)
    source = client.source_of(address)
    sign_in_throttling.claim_attempt(address, source)
    with _nowhere(client) as db:
        candidates = persons.candidates(db, address)
    hashes = [person.password_hash for person in candidates]
    match = passwords().first_match(password, hashes, work=persons.MOST_CANDIDATES)
    if match is None:
        _record_failure(candidates, client)
        raise SignInFailed("The email address or the password is wrong. Check both and try again.")
    sign_in_throttling.clear_failures(address, source)
    _renew_hash(candidates[match], password, client)
    try:
        second_factors.demand(candidates[match], second_factor, client)
    except SecondFactorWrong:
        _record_failure([candidates[match]], client)
        raise
    if invitation is not None:
        return invitations.join_by_token(candidates[match], invitation, client)
    return enter(candidates[match].id, tenant_id, client)


def enter(person_id: UUID, tenant_id: UUID | None, client: Client) -> SignedIn:
    """Sign a person who has proved who they are in to one of their organizations.

    Raises NotAMember for an organization that is not theirs, NoMembership where they have none.
    """
    with _nowhere(client) as db:
        person = repository.find_person(db, person_id)
        memberships = [] if person is None else persons.tenants_of(db, person)
    if tenant_id is not None:
        memberships = [
            membership for membership in memberships if membership.tenant_id == tenant_id
        ]
        if not memberships:
            raise NotAMember("Choose one of your organizations (GET /api/v1/organizations).")
    return _enter_first(memberships, client)


def exchange_one_time_token(text: str, *, client: Client = NOBODY) -> SignedIn:
    refused = OneTimeTokenRefused(
        "The link was already used or is too old. Run `agentverse demo` again for a new one."
    )
    token = parse_token(text)
    if token is None:
        raise refused
    with tenant_session(system_scope(token.tenant_id, request_id=client.request_id)) as db:
        row = repository.use_one_time_token(db, token.digest, now())
    if row is None:
        raise refused
    with tenant_session(client.acting(token.tenant_id, row.user_id)) as db:
        return sessions.start_session(db, row.user_id)


def issue_one_time_sign_in(scope: Scope, user_id: UUID) -> str:
    """A token that signs the user in once; shown once, stored as a hash."""
    token = new_token(scope.tenant_id)
    life = timedelta(minutes=get_settings().one_time_token_minutes)
    with tenant_session(scope) as db:
        row = OneTimeTokenRow(
            id=new_id(), user_id=user_id, token_hash=token.digest, expires_at=now() + life
        )
        db.add(row)
        audit.record(
            db,
            action="one_time_sign_in.issue",
            resource_type="user",
            resource_id=user_id,
        )
    return token.text


def switch(scope: Scope, tenant_id: UUID, client: Client) -> SignedIn:
    """Sign the same person in to another of their organizations; the present sign-in stays."""
    return enter(sessions.person_of(scope), tenant_id, client)


def _enter_first(memberships: list[PersonTenantRow], client: Client) -> SignedIn:
    """The first membership that lets the person in; raises what the first said when none does."""
    refusals: list[SessionEnded | TenantSuspended] = []
    for membership in memberships:
        try:
            with tenant_session(client.acting(membership.tenant_id, membership.user_id)) as db:
                signed_in = sessions.start_session(db, membership.user_id)
        except (SessionEnded, TenantSuspended) as refusal:
            refusals.append(refusal)
            continue
        _remember(membership, client)
        return signed_in
    if refusals:
        raise refusals[0]
    raise NoMembership(
        "Open the link of an invitation and sign in there, or register again with this address "
        "to found an organization of your own."
    )


def _remember(membership: PersonTenantRow, client: Client) -> None:
    """The next sign-in that names no organization leads here."""
    with person_session(client.acting(membership.tenant_id, membership.user_id)) as db:
        person = repository.find_person(db, membership.person_id)
        if person is not None and person.last_tenant_id != membership.tenant_id:
            person.last_tenant_id = membership.tenant_id


def _renew_hash(person: PersonRow, password: str, client: Client) -> None:
    """Hash anew where today's cost is higher; only now is the password at hand."""
    if person.password_hash is None or not passwords().is_outdated(person.password_hash):
        return
    fresh = passwords().hash(password)
    with _nowhere(client) as db:
        row = repository.find_person(db, person.id, for_update=True)
        if row is not None and row.password_hash == person.password_hash:
            row.password_hash = fresh


def _record_failure(candidates: Sequence[PersonRow], client: Client) -> None:
    """In the stream of a tenant of the address's holder, else the installation's: equal work."""
    with _nowhere(client) as db:
        memberships = repository.tenants_of_person(db, candidates[0].id if candidates else new_id())
    user_id = memberships[0].user_id if memberships else None
    scope = Scope(
        tenant_id=memberships[0].tenant_id if memberships else audit.INSTALLATION,
        actor=Actor(kind="user", id=user_id),
        credential=Credential(kind="session", address=client.address, agent=client.agent),
        request_id=client.request_id,
    )
    with tenant_session(scope) as db:
        audit.record(
            db,
            action="session.start",
            resource_type="user",
            resource_id=user_id,
            outcome="failure",
        )


def _nowhere(client: Client) -> AbstractContextManager[PersonSession]:
    """The person directory before any tenant is known."""
    return person_session(system_scope(audit.INSTALLATION, request_id=client.request_id))


def _address_or_nobody(email: str) -> str:
    try:
        return normalise_email(email)
    except InvalidEmail:
        # Cannot be anybody's, but must take as long to refuse.
        return email.strip().lower()
