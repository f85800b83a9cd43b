"""A second factor beside the password: an authenticator app, with recovery codes behind it."""

from uuid import UUID

from agentverse import audit
from agentverse.identity import (
    password_changes,
    persons,
    recovery_codes,
    repository,
    sessions,
    sign_in_throttling,
    totp,
)
from agentverse.identity.errors import (
    NoSecondFactor,
    SecondFactorInUse,
    SecondFactorNeeded,
    SecondFactorWrong,
)
from agentverse.identity.models import PersonRow, PersonTotpRow, RecoveryCodeRow
from agentverse.identity.schemas import RecoveryCodes, SecondFactors, TotpSetup
from agentverse.identity.sessions import Client
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import PersonSession, person_session
from agentverse.platform.envelope_encryption import KeyRing, SealBroken
from agentverse.platform.errors import Misconfigured
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope, system_scope
from agentverse.platform.settings import get_settings

# A guess hits one of three codes of a million. Every network counts together, and 96 guesses a day
# are one in 3,500; a password is right before the first of them.
LONGEST_WAIT_SECONDS = 900.0
NO_STEP = -1


def demand(person: PersonRow, code: str | None, client: Client) -> None:
    """Let a person with a right password pass; a code opens once.

    Raises SecondFactorNeeded without a code, SecondFactorWrong, TooManyAttempts, Misconfigured
    where the sealing key is gone; nothing for a person without a second factor.
    """
    nowhere = system_scope(audit.INSTALLATION, request_id=client.request_id)
    with person_session(nowhere, read_only=True) as db:
        if repository.find_confirmed_totp(db, person.id) is None:
            return
    if code is None:
        raise SecondFactorNeeded(
            "The password is right. Send it again with `second_factor`: the code that your "
            "authenticator app shows now, or one of your recovery codes."
        )
    knows = client.device is not None and client.device.knows(person.address)
    source = client.source_of(person.address) if knows else "anywhere"
    _use_bounded(nowhere, person.id, code, source)


def describe(scope: Scope) -> SecondFactors:
    """Raises SessionEnded for a person who is gone."""
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        row = repository.find_confirmed_totp(db, person_id)
        left = repository.count_recovery_codes(db, person_id)
    return SecondFactors(totp_since=row and row.confirmed_at, recovery_codes_left=left)


def begin_totp(scope: Scope, password: str) -> TotpSetup:
    """A new secret, in force once `confirm_totp` has seen a code of it; begun again, another one.

    Raises SignInFailed for a wrong password, SecondFactorInUse, SessionEnded.
    """
    person = password_changes.prove_password(scope, password)
    secret = totp.new_secret()
    with person_session(scope) as db:
        repository.find_person(db, person.id, for_update=True)
        existing = repository.find_totp(db, person.id, for_update=True)
        if existing is not None and existing.confirmed_at is not None:
            raise SecondFactorInUse("Remove the authenticator app you have first.")
        sealed = _ring().seal(secret, context=_context(person.id))
        if existing is None:
            db.add(PersonTotpRow(person_id=person.id, sealed_secret=sealed))
        else:
            existing.sealed_secret = sealed
        persons.record(db, "person.begin_totp", person.id)
    return TotpSetup(secret=secret, address=totp.address_of(secret, person.address))


def confirm_totp(scope: Scope, code: str) -> RecoveryCodes:
    """From now on signing in takes a code too. The recovery codes are shown this once.

    Raises NoSecondFactor where none was begun, SecondFactorInUse, SecondFactorWrong, SessionEnded,
    Misconfigured where the sealing key is gone.
    """
    person_id = sessions.person_of(scope)
    with person_session(scope) as db:
        row = repository.find_totp(db, person_id, for_update=True)
        if row is None:
            raise NoSecondFactor("Begin with POST /api/v1/auth/totp.")
        if row.confirmed_at is not None:
            raise SecondFactorInUse("The authenticator app is in force already.")
        if not _use_totp(row, code):
            raise _wrong()
        row.confirmed_at = now()
        persons.record(db, "person.confirm_totp", person_id)
        return _new_codes(db, person_id)


def renew_recovery_codes(scope: Scope, code: str) -> RecoveryCodes:
    """Ten others; the earlier ones end.

    Raises NoSecondFactor, SecondFactorWrong, SessionEnded, Misconfigured where the sealing key is
    gone.
    """
    person_id = prove(scope, code)
    with person_session(scope) as db:
        persons.record(db, "person.renew_recovery_codes", person_id)
        return _new_codes(db, person_id)


def remove_totp(scope: Scope, password: str, code: str) -> None:
    """The password alone signs in again.

    Raises SignInFailed, NoSecondFactor, SecondFactorWrong, SessionEnded, Misconfigured where the
    sealing key is gone.
    """
    password_changes.prove_password(scope, password)
    person_id = prove(scope, code)
    with person_session(scope) as db:
        repository.forget_second_factors(db, person_id)
        persons.record(db, "person.remove_totp", person_id)


def prove(scope: Scope, code: str) -> UUID:
    """The signed-in person, who has their authenticator app at hand; the code is used up.

    Raises NoSecondFactor, SecondFactorWrong, TooManyAttempts, SessionEnded, Misconfigured where the
    sealing key is gone.
    """
    person_id = sessions.person_of(scope)
    with person_session(scope, read_only=True) as db:
        if repository.find_confirmed_totp(db, person_id) is None:
            raise NoSecondFactor("Set up an authenticator app in your profile first.")
    _use_bounded(scope, person_id, code, "signed in")
    return person_id


def _use_bounded(scope: Scope, person_id: UUID, code: str, source: str) -> None:
    subject = f"second factor of {person_id}"
    sign_in_throttling.claim_attempt(subject, source, longest_seconds=LONGEST_WAIT_SECONDS)
    with person_session(scope) as db:
        row = repository.find_totp(db, person_id, for_update=True)
        if row is None or not (_use_totp(row, code) or _use_recovery_code(db, person_id, code)):
            raise _wrong()
    sign_in_throttling.clear_failures(subject, source)


def _use_totp(row: PersonTotpRow, code: str) -> bool:
    """row: locked, so that of two uses of one code the second finds it used."""
    digits = code.replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        return False
    try:
        secret = _ring().open(row.sealed_secret, context=_context(row.person_id))
    except SealBroken as error:
        raise Misconfigured(
            "The sealing keys of this installation do not open your authenticator's secret. Sign "
            "in with a recovery code, and tell whoever runs this server."
        ) from error
    step = totp.step_of(secret, digits, now(), after=row.last_step)
    if step is None:
        return False
    row.last_step = step
    return True


def _use_recovery_code(db: PersonSession, person_id: UUID, code: str) -> bool:
    digest = recovery_codes.digest_of(code)
    if not repository.use_recovery_code(db, person_id, digest, now()):
        return False
    persons.record(db, "person.use_recovery_code", person_id)
    return True


def _new_codes(db: PersonSession, person_id: UUID) -> RecoveryCodes:
    repository.forget_recovery_codes(db, person_id)
    codes = recovery_codes.new_codes()
    db.add_all(
        RecoveryCodeRow(id=new_id(), person_id=person_id, code_hash=recovery_codes.digest_of(code))
        for code in codes
    )
    return RecoveryCodes(codes=codes)


def _wrong() -> SecondFactorWrong:
    return SecondFactorWrong(
        "Type the code that the app shows now; each works once. If it is refused again, see that "
        "the clock of your device is right."
    )


def _ring() -> KeyRing:
    return KeyRing(get_settings().sealing_keys_file)


def _context(person_id: UUID) -> str:
    """What the sealed secret is bound to."""
    return f"persons/{person_id}/totp"
