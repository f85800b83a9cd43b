"""Sign-ups that never verified an address somebody else holds are gone after a week."""

import logging
from threading import Event

from agentverse import audit
from agentverse.identity import members, persons, repository
from agentverse.identity.models import PersonTenantRow
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.scope import system_scope

logger = logging.getLogger(__name__)

AT_A_TIME = 100
POLL_SECONDS = 3600.0


def expire_until_stopped(stop: Event) -> None:
    """Look every hour; several workers may, each step looks at what is there."""
    while True:
        try:
            while end_expired_sign_ups() == AT_A_TIME:
                pass
        except AgentVerseError as error:
            logger.warning("Expired sign-ups are looked for again later: %s", error.detail)
        if stop.wait(timeout=POLL_SECONDS):
            return


def end_expired_sign_ups() -> int:
    """End memberships and sign-ins of every expired sign-up, then the sign-up; returns how many.

    Their tenants stay, without members: what was made there is the privacy rules' to delete.
    """
    nowhere = system_scope(audit.INSTALLATION)
    with person_session(nowhere, read_only=True) as db:
        expired = [person.id for person in repository.expired_sign_ups(db, now(), AT_A_TIME)]
        memberships = {id_: list(repository.tenants_of_person(db, id_)) for id_ in expired}
    for person_id, held in memberships.items():
        for membership in held:
            _leave(membership)
        with person_session(nowhere) as db:
            persons.forget(db, person_id, because="never_verified")
    return len(expired)


def _leave(membership: PersonTenantRow) -> None:
    with tenant_session(system_scope(membership.tenant_id)) as db:
        members.leave(db, membership.user_id, because="never_verified")
