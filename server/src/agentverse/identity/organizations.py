"""Organizations as their members see them: the profile, and the list of one's own."""

from agentverse import audit
from agentverse.identity import persons, repository, sessions, tenants
from agentverse.identity.schemas import (
    Organization,
    OrganizationCreate,
    OrganizationUpdate,
    OwnOrganization,
)
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope, system_scope


def list_organizations(scope: Scope) -> list[OwnOrganization]:
    """Where the person is a member, the one of the last sign-in first."""
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        person = repository.find_person(db, person_id)
        places = [] if person is None else persons.tenants_of(db, person)
    found: list[OwnOrganization] = []
    for place in places:
        with tenant_session(system_scope(place.tenant_id), read_only=True) as db:
            authority = repository.find_authority(db, place.user_id)
            organization = repository.get_organization(db)
        if authority is not None:
            found.append(
                OwnOrganization.model_validate(
                    {
                        "tenant_id": place.tenant_id,
                        "id": organization.id,
                        "name": organization.name,
                        "slug": organization.slug,
                        "role": authority.role,
                        "status": authority.tenant_status,
                        "is_current": place.tenant_id == scope.tenant_id,
                    }
                )
            )
    return found


def create_organization(scope: Scope, request: OrganizationCreate) -> OwnOrganization:
    """A new tenant that the person owns; switch to it to work there.

    Raises SessionEnded for a person who is gone.
    """
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        person = repository.find_person(db, person_id)
    if person is None:
        raise sessions.ended()
    made = tenants.create_tenant(
        person_id=person_id,
        address=person.address,
        full_name=person.full_name,
        organization_name=request.name,
        request_id=scope.request_id,
    )
    return next(o for o in list_organizations(scope) if o.tenant_id == made.tenant_id)


def get_current(scope: Scope) -> Organization:
    with tenant_session(scope, read_only=True) as db:
        return Organization.model_validate(repository.get_organization(db))


def update_current(db: TenantSession, request: OrganizationUpdate) -> Organization:
    row = repository.get_organization(db)
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
