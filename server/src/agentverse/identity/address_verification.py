"""Verifying that an address is a person's: by a mailed link, opened where they are signed in.

Both are needed: the link alone would let the mailbox's owner vouch for a stranger's sign-up, the
sign-in alone would let anybody claim any address.
"""

from uuid import UUID

from agentverse import audit
from agentverse.identity import mailed_tokens, members, persons, repository, sessions
from agentverse.identity.models import PersonRow
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import PersonSession, person_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.outgoing.mail import Mail
from agentverse.platform.scope import Actor, Scope


def ask_to_verify(scope: Scope) -> Mail | None:
    """The mail to send; None when the address is verified already or a mail is on its way."""
    person_id = sessions.person_of(scope)
    with person_session(scope) as db:
        person = repository.find_person(db, person_id, for_update=True)
        if person is None or person.verified_at is not None:
            return None
        persons.record(db, "person.ask_to_verify", person.id)
        return mailed_tokens.make(db, person, "verify_address")


def verify(scope: Scope, secret: str) -> None:
    """Make the address the person's own, or join them to the person who verified it before.

    Raises MailedTokenRefused, for another person's link too.
    """
    person_id = sessions.person_of(scope)
    with person_session(scope) as db:
        owner_id = _claim(db, person_id, secret)
    if owner_id != person_id:
        _join(scope, person_id, owner_id)


def _claim(db: PersonSession, person_id: UUID, secret: str) -> UUID:
    """The person whom the address belongs to from now on."""
    if mailed_tokens.redeem(db, "verify_address", secret) != person_id:
        raise mailed_tokens.refused("verify_address")
    person = repository.find_person(db, person_id)
    if person is None:
        raise mailed_tokens.refused("verify_address")
    repository.lock_address(db, person.address)
    holder = next(iter(repository.persons_at(db, person.address, now())), None)
    if holder is not None and holder.verified_at is not None and holder.id != person_id:
        return holder.id
    take_address(db, person, holder)
    return person_id


def take_address(db: PersonSession, person: PersonRow, holder: PersonRow | None) -> None:
    """Verified from now on; an unverified holder is one of the sign-ups that will be gone."""
    if holder is not None and holder.id != person.id:
        holder.expires_at = now() + persons.UNVERIFIED_LIFE
        db.flush()
    person.verified_at, person.expires_at = now(), None
    persons.record(db, "person.verify", person.id)


def _join(scope: Scope, person_id: UUID, owner_id: UUID) -> None:
    """Every membership of the sign-up becomes the owner's, then the sign-up is no more.

    Interrupted, it is done again by the next verification: each step looks at what is there.
    """
    with person_session(scope, read_only=True) as db:
        memberships = repository.tenants_of_person(db, person_id)
        is_guarded = repository.find_confirmed_totp(db, owner_id) is not None
    for membership in memberships:
        acting = Scope(
            tenant_id=membership.tenant_id,
            actor=Actor(kind="user", id=membership.user_id),
            credential=scope.credential,
            request_id=scope.request_id,
        )
        with tenant_session(acting) as db:
            _hand_over(db, membership.user_id, owner_id)
            if is_guarded:
                # Nobody becomes this person by their mailbox alone.
                sessions.end_all_of(db, membership.user_id, because="joined")
    with person_session(scope) as db:
        persons.forget(db, person_id, because="joined")


def _hand_over(db: TenantSession, user_id: UUID, owner_id: UUID) -> None:
    """The tenant's user is the owner's now; where the owner is a member too, the sign-up leaves."""
    if repository.find_user_of_person(db, owner_id) is None:
        repository.reassign_user(db, user_id, owner_id)
        audit.record(db, action="member.join", resource_type="user", resource_id=user_id)
        return
    members.leave(db, user_id, because="joined")
