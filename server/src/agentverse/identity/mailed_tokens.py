"""Secrets mailed to a person's address: made, worded and redeemed once."""

import hashlib
import secrets
from datetime import timedelta
from typing import Literal
from uuid import UUID

from agentverse.identity import repository
from agentverse.identity.errors import MailedTokenRefused
from agentverse.identity.models import PersonRow, PersonTokenRow
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import PersonSession
from agentverse.platform.ids import new_id
from agentverse.platform.outgoing.mail import Mail
from agentverse.platform.settings import get_settings

Purpose = Literal["verify_address", "reset_password"]

LIFETIMES: dict[Purpose, timedelta] = {
    "verify_address": timedelta(days=7),
    "reset_password": timedelta(hours=1),
}
# Nobody fills another's mailbox by asking again and again.
LEAST_BETWEEN = timedelta(minutes=1)
PAGES: dict[Purpose, str] = {
    "verify_address": "verify-address",
    "reset_password": "reset-password",
}
WORDS: dict[Purpose, tuple[str, str]] = {
    "verify_address": (
        "Verify your address for AgentVerse",
        "Open this link where you are signed in to AgentVerse, within 7 days:\n\n{link}\n\n"
        "If you did not sign up, do nothing: without your click this address stays yours.",
    ),
    "reset_password": (
        "Choose a new password for AgentVerse",
        "Open this link within an hour to choose a new password. It ends all your sign-ins:"
        "\n\n{link}\n\nIf you did not ask for it, do nothing.",
    ),
}

REMEDIES: dict[Purpose, str] = {
    "verify_address": "Ask for a new mail in your profile, and open its link where you are signed "
    "in with that address.",
    "reset_password": "Ask for a new mail (Forgotten your password?) and open its link within an "
    "hour.",
}


def make(db: PersonSession, person: PersonRow, purpose: Purpose) -> Mail | None:
    """The mail with a new token; None when one was sent a moment ago. Send it after the commit."""
    moment = now()
    newest = repository.newest_mailed(db, person.id, purpose)
    if newest is not None and moment - newest < LEAST_BETWEEN:
        return None
    secret = secrets.token_urlsafe(32)
    row = PersonTokenRow(
        id=new_id(),
        person_id=person.id,
        purpose=purpose,
        token_hash=_digest(secret),
        expires_at=moment + LIFETIMES[purpose],
    )
    db.add(row)
    db.flush()
    subject, words = WORDS[purpose]
    # Behind `#`, so that no server and no log on the way sees it.
    link = f"{get_settings().public_url.rstrip('/')}/{PAGES[purpose]}#token={secret}"
    return Mail(to=person.address, subject=subject, text=words.format(link=link))


def redeem(db: PersonSession, purpose: Purpose, secret: str) -> UUID:
    """The person it was mailed to; it is used up. Raises MailedTokenRefused."""
    row = repository.use_mailed_token(db, purpose, _digest(secret), now())
    if row is None:
        raise refused(purpose)
    return row.person_id


def refused(purpose: Purpose) -> MailedTokenRefused:
    return MailedTokenRefused(REMEDIES[purpose])


def _digest(secret: str) -> bytes:
    """A plain hash is enough: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()
