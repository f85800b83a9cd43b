"""Guessing slows down: after a few failures each further one must wait, twice as long each time.

Never a lockout: counted per address and source, so nobody who guesses elsewhere keeps another
out, and a device on which the address has signed in before has a count of its own.
"""

import hashlib
import math
from datetime import datetime, timedelta

from agentverse.identity import repository
from agentverse.identity.errors import TooManyAttempts
from agentverse.platform.clock import now
from agentverse.platform.db.system import system_session

FREE_FAILURES = 5
LONGEST_WAIT_SECONDS = 60.0
FORGET_AFTER = timedelta(days=1)


def claim_attempt(
    email: str, source: str = "", *, longest_seconds: float = LONGEST_WAIT_SECONDS
) -> None:
    """Count an attempt before it is checked, so that parallel guesses count too.

    email: or what else is guessed at; source: the network or the known device that it comes from.
    Raises TooManyAttempts, with the seconds to wait.
    """
    moment = now()
    address_hash = _hash(email, source)
    with system_session() as db:
        repository.forget_attempts(db, before=moment - FORGET_AFTER)
        attempts = repository.find_attempts(db, address_hash)
        if attempts is not None:
            wait = wait_seconds(attempts.failures, longest_seconds)
            _refuse_too_early(wait, attempts.last_failed_at, moment)
        repository.count_attempt(db, address_hash, moment)


def clear_failures(email: str, source: str = "") -> None:
    with system_session() as db:
        repository.clear_attempts(db, _hash(email, source))


def wait_seconds(failures: int, longest_seconds: float = LONGEST_WAIT_SECONDS) -> float:
    if failures < FREE_FAILURES:
        return 0.0
    # The exponent is bounded too: a float ends at 2^1024.
    return min(2.0 ** min(failures - FREE_FAILURES, 30), longest_seconds)


def _refuse_too_early(wait: float, last: datetime, moment: datetime) -> None:
    remaining = wait - (moment - last).total_seconds()
    if remaining > 0:
        seconds = math.ceil(remaining)
        raise TooManyAttempts(
            f"Sign-in failed several times in a row. Wait {seconds} seconds and try again.",
            retry_after_seconds=seconds,
        )


def _hash(email: str, source: str) -> bytes:
    return hashlib.sha256(f"{email}\0{source}".encode()).digest()
