"""A new tenant: its organization, its first user, that user's ownership."""

import re
from dataclasses import dataclass
from uuid import UUID

from agentverse import audit
from agentverse.identity import persons, repository
from agentverse.identity.errors import InvalidEmail
from agentverse.identity.models import (
    MembershipRow,
    OrganizationRow,
    UserRow,
)
from agentverse.identity.roles import permissions_of
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Actor, Scope, system_scope

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTenant:
    tenant_id: UUID
    user_id: UUID
    organization_id: UUID
    scope: Scope


def normalise_email(email: str) -> str:
    """Trimmed and lower-cased: one person, one account, however the address is typed.

    Raises InvalidEmail.
    """
    normalised = email.strip().lower()
    well_formed = EMAIL.fullmatch(normalised) and normalised.isprintable()
    if not well_formed or len(normalised) > 254:
        raise InvalidEmail("Give an email address such as ada@example.org.")
    return normalised


def create_tenant_with_owner(
    *,
    email: str,
    full_name: str,
    organization_name: str,
    password_hash: str | None,
    request_id: str | None = None,
) -> NewTenant:
    """A new person with a tenant of their own. Without a password only a one-time sign-in works.

    Two transactions, as persons and tenants are two roles': one that ends between them leaves a
    sign-up without a tenant, gone after a week.
    """
    address = normalise_email(email)
    person_id = persons.sign_up(
        system_scope(audit.INSTALLATION, request_id=request_id),
        address=address,
        full_name=full_name,
        password_hash=password_hash,
    )
    return create_tenant(
        person_id=person_id,
        address=address,
        full_name=full_name,
        organization_name=organization_name,
        request_id=request_id,
    )


def create_tenant(
    *,
    person_id: UUID,
    address: str,
    full_name: str,
    organization_name: str,
    request_id: str | None = None,
) -> NewTenant:
    """A tenant, its organization and the person as its owner: all of it or nothing."""
    made = found_tenant(
        new_id(),
        person_id=person_id,
        address=address,
        full_name=full_name,
        organization_name=organization_name,
        request_id=request_id,
    )
    if made is None:
        raise TypeError("A new id is nobody's yet.")
    return made


def found_tenant(
    tenant_id: UUID,
    *,
    person_id: UUID,
    address: str,
    full_name: str,
    organization_name: str,
    request_id: str | None = None,
) -> NewTenant | None:
    """Like `create_tenant`, under an id that was chosen before; None where it is made already.

    Of two at once the second waits for the first.
    """
    user_id = new_id()
    scope = Scope(
        tenant_id=tenant_id,
        actor=Actor(kind="user", id=user_id),
        permissions=permissions_of("owner"),
        request_id=request_id,
    )
    organization = OrganizationRow(
        id=new_id(), name=organization_name.strip(), slug=slug_of(organization_name)
    )
    with tenant_session(scope) as db:
        if not repository.claim_tenant(db):
            return None
        db.add(organization)
        add_member(db, user_id, person_id=person_id, address=address, full_name=full_name)
        db.add(MembershipRow(user_id=user_id, role="owner"))
        audit.record(
            db,
            action="tenant.create",
            resource_type="tenant",
            resource_id=tenant_id,
            after={
                "organization": organization.name,
                "owner": str(user_id),
                "person": str(person_id),
            },
        )
    return NewTenant(
        tenant_id=tenant_id, user_id=user_id, organization_id=organization.id, scope=scope
    )


def add_member(
    db: TenantSession, user_id: UUID, *, person_id: UUID, address: str, full_name: str
) -> None:
    """The person as this tenant knows them; what they may do is the caller's to add."""
    db.add(UserRow(id=user_id, person_id=person_id, email=address, full_name=full_name))
    db.flush()


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "organization"
