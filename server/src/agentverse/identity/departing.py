"""Persons and tenants that go: what identity does before their rows are erased."""

from uuid import UUID

from agentverse import audit
from agentverse.identity import (
    key_authentication,
    members,
    password_changes,
    persons,
    repository,
    sessions,
)
from agentverse.identity.errors import LastOwner
from agentverse.identity.models import PersonTenantRow
from agentverse.platform.db.administration import erasing_session
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Actor, Scope, system_scope

GONE = "deleted"


def close_tenant(scope: Scope) -> None:
    """From now on nobody of the tenant gets in, and all its work but its erasing ends."""
    with erasing_session(scope) as db:
        if repository.lock_tenant_status(db) != "deleted":
            repository.set_tenant_status(db, "deleting")
        db.call_after_commit(key_authentication.forget)


def forget_members(scope: Scope) -> None:
    """Delete the persons who are members of this tenant and of no other."""
    with tenant_session(system_scope(scope.tenant_id), read_only=True) as db:
        person_ids = repository.persons_of_tenant(db)
    for person_id in person_ids:
        with person_session(scope) as db:
            places = repository.tenants_of_person(db, person_id)
            if {place.tenant_id for place in places} <= {scope.tenant_id}:
                persons.forget(db, person_id, because=GONE)


def bury_tenant(scope: Scope) -> None:
    """Nothing of the tenant is left but its id, so that it is never anybody else's."""
    with erasing_session(scope) as db:
        repository.set_tenant_status(db, "deleted")


def own_places(scope: Scope) -> list[Scope]:
    """The signed-in person in each of their organizations. Raises SessionEnded."""
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        places = repository.tenants_of_person(db, person_id)
    return [_in_tenant(scope, place) for place in places]


def scope_of_user(scope: Scope, user_id: UUID) -> Scope:
    """The user's own, for work that was asked for by them."""
    return Scope(
        tenant_id=scope.tenant_id,
        actor=Actor(kind="user", id=user_id),
        request_id=scope.request_id,
    )


def person_of(scope: Scope) -> UUID:
    """Raises SessionEnded."""
    return sessions.person_of(scope)


def own_record(scope: Scope) -> dict[str, object]:
    """What is known of the signed-in person besides any organization. Raises SessionEnded."""
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        person = repository.find_person(db, person_id)
        totp = repository.find_confirmed_totp(db, person_id)
        codes = repository.count_recovery_codes(db, person_id)
    if person is None:
        raise sessions.ended()
    return {
        "person_id": person.id,
        "address": person.address,
        "full_name": person.full_name,
        "created_at": person.created_at,
        "verified_at": person.verified_at,
        "authenticator_app_since": None if totp is None else totp.confirmed_at,
        "recovery_codes_left": codes,
    }


def prove_departure(scope: Scope, password: str) -> list[Scope]:
    """The person in each organization, all of which they may leave; they know their password.

    Raises SignInFailed, LastOwner, SessionEnded.
    """
    password_changes.prove_password(scope, password)
    places = own_places(scope)
    for place in places:
        with tenant_session(place, read_only=True) as db:
            if list(repository.owners(db)) == [place.actor.id]:
                name = repository.get_organization(db).name
                raise LastOwner(
                    f"You are the only owner of {name!r}. Make another member an owner first, or "
                    "delete the organization."
                )
    return places


def depart(place: Scope) -> None:
    """The user leaves the scope's tenant. Raises LastOwner, SessionEnded."""
    user_id = place.actor.id
    if user_id is None:
        raise sessions.ended()
    with tenant_session(place) as db:
        owners = repository.lock_owners(db)
        if list(owners) == [user_id]:
            raise LastOwner("Make another member an owner first.")
        members.leave(db, user_id, because=GONE)


def known_address(db: TenantSession, user_id: UUID) -> str:
    """By which the tenant knew the user."""
    return repository.get_user(db, user_id).email


def erase_user(db: TenantSession, user_id: UUID) -> None:
    """Name and address of a user who left, also in invitations and sign-ins; the id stays."""
    user, gone = repository.get_user(db, user_id, for_update=True), f"{GONE}-{user_id}@invalid"
    repository.erase_address(db, user.email, replacement=gone)
    repository.erase_user(db, user_id, address=gone)


def forget_own_person(scope: Scope, person_id: UUID) -> None:
    """Their credentials, tokens and second factors go with them."""
    nowhere = system_scope(audit.INSTALLATION, request_id=scope.request_id)
    with person_session(nowhere) as db:
        persons.forget(db, person_id, because=GONE)


def _in_tenant(scope: Scope, place: PersonTenantRow) -> Scope:
    return Scope(
        tenant_id=place.tenant_id,
        actor=Actor(kind="user", id=place.user_id),
        credential=scope.credential,
        request_id=scope.request_id,
    )
