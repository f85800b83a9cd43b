"""Changing a password one knows, and choosing another by mail when one does not."""

from agentverse import audit
from agentverse.identity import (
    address_verification,
    api_keys,
    mailed_tokens,
    persons,
    repository,
    sessions,
    sign_in_throttling,
)
from agentverse.identity.errors import SignInFailed
from agentverse.identity.models import PersonRow
from agentverse.identity.passwords import passwords
from agentverse.identity.sessions import Client
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import PersonSession, person_session
from agentverse.platform.db.session import tenant_session
from agentverse.platform.outgoing.mail import post
from agentverse.platform.scope import Scope, system_scope


def change_password(scope: Scope, *, current: str, new: str) -> None:
    """Ends every other sign-in of the person.

    Raises SignInFailed for a wrong present one, SessionEnded for a person or sign-in that is gone.
    """
    person = prove_password(scope, current)
    fresh = passwords().hash(new)
    with person_session(scope) as db:
        row = repository.find_person(db, person.id, for_update=True)
        if row is None:
            raise sessions.ended()
        _set_password(db, row, fresh)
    keep = scope.credential and scope.credential.session_id
    sessions.end_everywhere(scope, because="password_change", keep=keep)


def prove_password(scope: Scope, current: str) -> PersonRow:
    """The signed-in person, who knows their password.

    Raises SignInFailed for a wrong one, SessionEnded for a person or sign-in that is gone.
    """
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        person = repository.find_person(db, person_id)
    if person is None:
        raise sessions.ended()
    # Whoever has a sign-in of this person is slowed by nobody else.
    source = f"person:{person_id}"
    sign_in_throttling.claim_attempt(person.address, source)
    if not passwords().matches(current, person.password_hash):
        raise SignInFailed("The present password is wrong. Check it and try again.")
    sign_in_throttling.clear_failures(person.address, source)
    return person


def mail_reset(email: str, client: Client) -> None:
    """Mail a link to the address if it is somebody's; behind the answer, which tells nothing."""
    nowhere = system_scope(audit.INSTALLATION, request_id=client.request_id)
    with person_session(nowhere) as db:
        person = next(iter(persons.candidates(db, email)), None)
        if person is None:
            return
        persons.record(db, "person.ask_to_reset", person.id)
        mail = mailed_tokens.make(db, person, "reset_password")
    if mail is not None:
        post(mail)


def reset_password(secret: str, new: str, client: Client) -> None:
    """Raises MailedTokenRefused. Ends every sign-in of the person.

    The link proves the address. Where nobody had, the person may have signed up with an address
    of another's, so whatever else they had set up to get in by ends too.
    """
    fresh = passwords().hash(new)
    nowhere = system_scope(audit.INSTALLATION, request_id=client.request_id)
    with person_session(nowhere) as db:
        person_id = mailed_tokens.redeem(db, "reset_password", secret)
        row = repository.find_person(db, person_id, for_update=True)
        if row is None:
            raise mailed_tokens.refused("reset_password")
        was_unproved = row.verified_at is None
        _prove(db, row)
        if was_unproved:
            repository.forget_second_factors(db, person_id)
        _set_password(db, row, fresh)
        memberships = list(repository.tenants_of_person(db, person_id))
    for membership in memberships:
        with tenant_session(client.acting(membership.tenant_id, membership.user_id)) as db:
            sessions.end_all_of(db, membership.user_id, because="password_reset")
            if was_unproved:
                api_keys.revoke_all_of(db, membership.user_id)


def _prove(db: PersonSession, person: PersonRow) -> None:
    if person.verified_at is not None:
        return
    repository.lock_address(db, person.address)
    holder = next(iter(repository.persons_at(db, person.address, now())), None)
    if holder is not None and holder.id != person.id and holder.verified_at is not None:
        # Somebody verified the address since the mail was sent: it resets their password only.
        raise mailed_tokens.refused("reset_password")
    address_verification.take_address(db, person, holder)


def _set_password(db: PersonSession, person: PersonRow, password_hash: str) -> None:
    person.password_hash = password_hash
    repository.forget_mailed_tokens(db, person.id)
    persons.record(db, "person.change_password", person.id)
