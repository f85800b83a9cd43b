"""Invitations: an address is offered a role; whoever holds the token, or the address, accepts.

The token lets its holder in, and proves no address: who invites may hand it over themselves.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from agentverse import audit, tasks
from agentverse.identity import members, persons, repository, sessions, tenants
from agentverse.identity.errors import (
    AlreadyMember,
    InvitationNotFound,
    InvitationRefused,
    suspended,
)
from agentverse.identity.models import InvitationRow, MembershipRow, PersonRow
from agentverse.identity.opaque_tokens import OpaqueToken, new_token, parse_token
from agentverse.identity.passwords import passwords
from agentverse.identity.roles import is_above
from agentverse.identity.schemas import (
    Invitation,
    InvitationCreate,
    InvitationCreated,
    InvitationOffer,
    InvitationSignUp,
)
from agentverse.identity.sessions import Client, SignedIn
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.outgoing.mail import Mail
from agentverse.platform.pagination import Page
from agentverse.platform.request_digests import digest_of
from agentverse.platform.scope import Scope, system_scope
from agentverse.platform.settings import get_settings

LIFETIME = timedelta(days=7)


def invite(
    db: TenantSession, request: InvitationCreate, *, idempotency_key: str | None = None
) -> InvitationCreated:
    """An open invitation; an earlier one of the same address ends. The token is shown once.

    The same key again gives the same invitation, without its token.
    """
    address = tenants.normalise_email(request.email)
    members.refuse_role_beyond_own(db, request.role)
    invitation_id = new_id()
    earlier_id = tasks.made_before(
        db, idempotency_key, digest_of(request, "invitation"), resource_id=invitation_id
    )
    if earlier_id is not None:
        return InvitationCreated(**_fields(repository.get_invitation(db, earlier_id)), token=None)
    for earlier in repository.open_invitations(db, address=address):
        _close(db, earlier, "revoked", action="invitation.revoke")
    token = new_token(db.scope.tenant_id)
    inviter = db.scope.actor.id
    if inviter is None:
        raise TypeError("Only a user invites.")
    row = InvitationRow(
        id=invitation_id,
        address=address,
        role=request.role,
        token_hash=token.digest,
        invited_by=inviter,
        expires_at=now() + LIFETIME,
    )
    db.add(row)
    db.flush()
    audit.record(
        db,
        action="invitation.create",
        resource_type="invitation",
        resource_id=row.id,
        after={"address": address, "role": row.role},
    )
    return InvitationCreated(**_fields(row), token=token.text)


def mail_of(db: TenantSession, created: InvitationCreated) -> Mail | None:
    """None for an invitation that was mailed when it was made."""
    if created.token is None:
        return None
    organization = repository.get_organization(db).name
    link = f"{get_settings().public_url.rstrip('/')}/invitation#token={created.token}"
    return Mail(
        to=created.email,
        subject=f"{organization} invites you to AgentVerse",
        text=f"You are invited to {organization} as {created.role}. Open this link within 7 days:"
        f"\n\n{link}\n\nIf you do not know who this is, do nothing.",
    )


def list_invitations(db: TenantSession) -> Page[Invitation]:
    """Those still open."""
    return Page(items=[Invitation(**_fields(row)) for row in repository.open_invitations(db)])


def revoke(db: TenantSession, invitation_id: UUID) -> None:
    row = repository.get_invitation(db, invitation_id, for_update=True)
    if row.status == "open":
        _close(db, row, "revoked", action="invitation.revoke")


def look_at(text: str) -> InvitationOffer:
    """What a token offers. Raises InvitationRefused, or TenantSuspended."""
    token = _parsed(text)
    with tenant_session(system_scope(token.tenant_id), read_only=True) as db:
        return _offer(db, _usable(db, repository.find_invitation(db, token.digest)))


def sign_up(request: InvitationSignUp, client: Client) -> SignedIn:
    """A new person at the invited address, unverified as after any sign-up, joins by the token.

    Raises InvitationRefused for a token that is malformed, used, withdrawn or expired;
    TenantSuspended; AlreadyMember.
    """
    token = _parsed(request.token)
    offer = look_at(request.token)
    person_id = persons.sign_up(
        system_scope(audit.INSTALLATION, request_id=client.request_id),
        address=offer.email,
        full_name=request.full_name,
        password_hash=passwords().hash(request.password),
    )
    with tenant_session(client.acting(token.tenant_id, new_id())) as db:
        row = _usable(db, repository.find_invitation(db, token.digest, for_update=True))
        return _join(db, row, person_id, offer.email, request.full_name)


def accept_by_token(scope: Scope, text: str, client: Client) -> SignedIn:
    """The signed-in person joins and is signed in there.

    Raises AlreadyMember, InvitationRefused for a token that is of no use, TenantSuspended, or
    SessionEnded for a person who is gone.
    """
    return join_by_token(_person(scope), text, client)


def join_by_token(person: PersonRow, text: str, client: Client) -> SignedIn:
    """A person who has proved who they are joins and is signed in there.

    Raises AlreadyMember, InvitationRefused, TenantSuspended.
    """
    token = _parsed(text)
    with tenant_session(client.acting(token.tenant_id, new_id())) as db:
        row = _usable(db, repository.find_invitation(db, token.digest, for_update=True))
        return _join(db, row, person.id, person.address, person.full_name)


def pending(scope: Scope) -> list[InvitationOffer]:
    """What the person's verified address is offered, in every organization.

    Raises SessionEnded for a person who is gone.
    """
    person = _person(scope)
    if person.verified_at is None:
        return []
    with person_session(scope, read_only=True) as db:
        inviting = repository.tenants_inviting(db, person.address)
    offers: list[InvitationOffer] = []
    for tenant_id, invitation_id in inviting:
        with tenant_session(system_scope(tenant_id), read_only=True) as db:
            row = repository.find_invitation_by_id(db, invitation_id)
            active = repository.get_tenant(db).status == "active"
            if active and row is not None and _is_usable(db, row):
                offers.append(_offer(db, row))
    return offers


def accept(scope: Scope, invitation_id: UUID, client: Client) -> SignedIn:
    """Join by the verified address.

    Raises InvitationNotFound for any other's invitation, InvitationRefused for one that ended
    meanwhile, TenantSuspended, AlreadyMember, or SessionEnded for a person who is gone.
    """
    person, tenant_id = _addressed(scope, invitation_id)
    with tenant_session(client.acting(tenant_id, new_id())) as db:
        row = repository.get_invitation(db, invitation_id, for_update=True)
        return _join(db, _usable(db, row), person.id, person.address, person.full_name)


def decline(scope: Scope, invitation_id: UUID) -> None:
    """Raises InvitationNotFound for another's, or for an unverified address; SessionEnded for a
    person who is gone.
    """
    _, tenant_id = _addressed(scope, invitation_id)
    with tenant_session(system_scope(tenant_id, request_id=scope.request_id)) as db:
        row = repository.get_invitation(db, invitation_id, for_update=True)
        if row.status == "open":
            _close(db, row, "declined", action="invitation.decline")


def _join(
    db: TenantSession, row: InvitationRow, person_id: UUID, address: str, full_name: str
) -> SignedIn:
    user_id = db.scope.actor.id
    if user_id is None:
        raise TypeError("The scope names the user that is made.")
    if repository.find_user_of_person(db, person_id) is not None:
        raise AlreadyMember("Switch to the organization instead.")
    tenants.add_member(db, user_id, person_id=person_id, address=address, full_name=full_name)
    db.add(MembershipRow(user_id=user_id, role=row.role))
    row.accepted_by = user_id
    _close(db, row, "accepted", action="invitation.accept")
    return sessions.start_session(db, user_id)


def _usable(db: TenantSession, row: InvitationRow | None) -> InvitationRow:
    if repository.get_tenant(db).status != "active":
        raise suspended()
    if row is None or not _is_usable(db, row):
        raise _refused()
    return row


def _is_usable(db: TenantSession, row: InvitationRow) -> bool:
    """Open, in time, and its inviter could still make it."""
    inviter = repository.find_authority(db, row.invited_by)
    may = inviter is not None and not is_above(row.role, inviter.role)
    return row.status == "open" and row.expires_at > now() and may


def _close(db: TenantSession, row: InvitationRow, status: str, *, action: str) -> None:
    row.status = status
    audit.record(
        db,
        action=action,
        resource_type="invitation",
        resource_id=row.id,
        after={"role": row.role, "status": status},
    )


def _addressed(scope: Scope, invitation_id: UUID) -> tuple[PersonRow, UUID]:
    person = _person(scope)
    with person_session(scope, read_only=True) as db:
        places = {
            invitation: tenant
            for tenant, invitation in repository.tenants_inviting(db, person.address)
        }
    if person.verified_at is None or invitation_id not in places:
        raise InvitationNotFound(
            "Look it up in the list of your invitations: it shows what your address is offered, "
            "once you have verified it."
        )
    return person, places[invitation_id]


def _person(scope: Scope) -> PersonRow:
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        person = repository.find_person(db, person_id)
    if person is None:
        raise sessions.ended()
    return person


def _parsed(text: str) -> OpaqueToken:
    token = parse_token(text)
    if token is None:
        raise _refused()
    return token


def _refused() -> InvitationRefused:
    return InvitationRefused("Ask whoever invited you for another invitation.")


def _offer(db: TenantSession, row: InvitationRow) -> InvitationOffer:
    name = repository.get_organization(db).name
    return InvitationOffer.model_validate(
        {
            "id": row.id,
            "organization": name,
            "email": row.address,
            "role": row.role,
            "expires_at": row.expires_at,
        }
    )


def _fields(row: InvitationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "email": row.address,
        "role": row.role,
        "invited_by": row.invited_by,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
    }
