"""Persons: who signs in, by which address and password, in which tenants.

A known address may sign up again, or the answer would tell that it is known. Such a sign-up is a
person of its own until it verifies the address, and is gone after a week.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from agentverse import audit
from agentverse.identity import repository
from agentverse.identity.errors import TooManySignUps
from agentverse.identity.models import PersonRow, PersonTenantRow
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import PersonSession, person_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope

MOST_UNVERIFIED = 3
# The verified person and the sign-ups: as many hashes every sign-in computes, whoever asks.
MOST_CANDIDATES = MOST_UNVERIFIED + 1
UNVERIFIED_LIFE = timedelta(days=7)


def sign_up(scope: Scope, *, address: str, full_name: str, password_hash: str | None) -> UUID:
    """A new person at the address, known or not; the entry of the tenant they enter names them.

    Raises TooManySignUps where MOST_UNVERIFIED wait for the same address.
    """
    with person_session(scope) as db:
        repository.lock_address(db, address)
        same_address = repository.persons_at(db, address, now())
        if sum(person.verified_at is None for person in same_address) >= MOST_UNVERIFIED:
            raise TooManySignUps(
                "Verify one of the sign-ups you have (the link is in your mail), or wait a week.",
                retry_after_seconds=int(UNVERIFIED_LIFE.total_seconds()),
            )
        person = PersonRow(
            id=new_id(), address=address, full_name=full_name, password_hash=password_hash
        )
        if any(other.expires_at is None for other in same_address):
            person.expires_at = now() + UNVERIFIED_LIFE
        db.add(person)
        db.flush()
        return person.id


def candidates(db: PersonSession, address: str) -> Sequence[PersonRow]:
    """Who may be meant by the address: its holder first, MOST_CANDIDATES at most."""
    return repository.persons_at(db, address, now())[:MOST_CANDIDATES]


def tenants_of(db: PersonSession, person: PersonRow) -> list[PersonTenantRow]:
    """The person's memberships, the tenant of the last sign-in first."""
    memberships = repository.tenants_of_person(db, person.id)
    return sorted(
        memberships, key=lambda row: (row.tenant_id != person.last_tenant_id, row.tenant_id)
    )


def forget(db: PersonSession, person_id: UUID, *, because: str) -> None:
    """Delete a person whose memberships have been handed over or ended."""
    row = repository.find_person(db, person_id)
    if row is not None:
        repository.delete_person(db, row)
        record(db, "person.delete", person_id, because=because)


def record(db: PersonSession, action: str, person_id: UUID, **details: object) -> None:
    audit.record(
        db, action=action, resource_type="person", resource_id=person_id, after=details or None
    )
