"""Organizations as their members see them: the profile, and the list of one's own."""

from agentverse import audit, tasks
from agentverse.identity import persons, repository, sessions, tenants
from agentverse.identity.errors import NotAMember
from agentverse.identity.schemas import (
    Organization,
    OrganizationCreate,
    OrganizationUpdate,
    OwnOrganization,
)
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.request_digests import digest_of
from agentverse.platform.scope import Scope, system_scope
from agentverse.platform.versions import refuse_stale


def list_organizations(scope: Scope) -> list[OwnOrganization]:
    """Where the person is a member, the one of the last sign-in first."""
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        person = repository.find_person(db, person_id)
        memberships = [] if person is None else persons.tenants_of(db, person)
    organizations: list[OwnOrganization] = []
    for membership in memberships:
        with tenant_session(system_scope(membership.tenant_id), read_only=True) as db:
            authority = repository.find_authority(db, membership.user_id)
            organization = repository.get_organization(db)
        if authority is not None:
            organizations.append(
                OwnOrganization.model_validate(
                    {
                        "tenant_id": membership.tenant_id,
                        "id": organization.id,
                        "name": organization.name,
                        "slug": organization.slug,
                        "role": authority.role,
                        "status": authority.tenant_status,
                        "is_current": membership.tenant_id == scope.tenant_id,
                    }
                )
            )
    return organizations


def create_organization(
    scope: Scope, request: OrganizationCreate, *, idempotency_key: str | None = None
) -> OwnOrganization:
    """A new tenant that the person owns; switch to it to work there.

    The same key again gives the same tenant: the key is kept before the tenant is made, and
    whoever finds it without one makes it. Raises SessionEnded for a person who is gone,
    NotAMember where they have left it since.
    """
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        person = repository.find_person(db, person_id)
    if person is None:
        raise sessions.ended()
    tenant_id = new_id()
    with tenant_session(scope) as db:
        earlier_id = tasks.made_before(
            db, idempotency_key, digest_of(request, "organization"), resource_id=tenant_id
        )
    made_id = earlier_id or tenant_id
    tenants.found_tenant(
        made_id,
        person_id=person_id,
        address=person.address,
        full_name=person.full_name,
        organization_name=request.name,
        request_id=scope.request_id,
    )
    for own in list_organizations(scope):
        if own.tenant_id == made_id:
            return own
    raise NotAMember("You founded this organization and have left it since.")


def name_of(db: TenantSession) -> str:
    return repository.get_organization(db).name


def get_current(scope: Scope) -> Organization:
    with tenant_session(scope, read_only=True) as db:
        return Organization.model_validate(repository.get_organization(db))


def update_current(
    db: TenantSession, request: OrganizationUpdate, *, if_match: str | None = None
) -> Organization:
    """Raises ChangedMeanwhile."""
    row = repository.get_organization(db, for_update=True)
    refuse_stale(if_match, Organization.model_validate(row))
    before, row.name = row.name, request.name.strip()
    audit.record(
        db,
        action="organization.update",
        resource_type="organization",
        resource_id=row.id,
        before={"name": before},
        after={"name": row.name},
    )
    return Organization.model_validate(row)
