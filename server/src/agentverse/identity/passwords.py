"""Passwords: argon2id, a bounded number at a time, equal work for unknown people."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from agentverse.identity.errors import PasswordTooShort
from agentverse.platform.errors import Unavailable
from agentverse.platform.settings import Settings, get_settings

MINIMUM_LENGTH = 12
LONGEST_WAIT_SECONDS = 10.0


class Passwords:
    """Hashes cost memory and time on purpose; the pool keeps a flood from costing all of it."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            memory_cost=settings.password_hash_memory_kib,
            time_cost=settings.password_hash_time,
            parallelism=1,
        )
        self._places = BoundedSemaphore(settings.password_hash_workers)
        self._nobodys = self._hasher.hash("the password of nobody at all")

    def hash(self, password: str) -> str:
        if len(password) < MINIMUM_LENGTH:
            raise PasswordTooShort(
                f"Choose a password of at least {MINIMUM_LENGTH} characters; this one has "
                f"{len(password)}. A few words in a row are easy to remember and hard to guess."
            )
        with self._place():
            return self._hasher.hash(password)

    def first_match(self, password: str, stored: Sequence[str | None], *, work: int) -> int | None:
        """Which of the stored hashes is the password's, the first where several are; else None.

        work: how many hashes are computed, however many are stored and whichever matches.
        """
        padded = [*stored, *[None] * (work - len(stored))]
        with self._place():
            right = [self._verify(password, one or self._nobodys) for one in padded]
        matching = [i for i, one in enumerate(stored) if one is not None and right[i]]
        return matching[0] if matching else None

    def matches(self, password: str, stored: str | None) -> bool:
        """False for a missing hash, after the same work as for a wrong password."""
        return self.first_match(password, [stored], work=1) is not None

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, stored: str) -> bool:
        return self._hasher.check_needs_rehash(stored)

    @contextmanager
    def _place(self) -> Generator[None]:
        if not self._places.acquire(timeout=LONGEST_WAIT_SECONDS):
            raise Unavailable(
                "Too many people are signing in at this moment. Try again in a few seconds.",
                retry_after_seconds=5,
            )
        try:
            yield
        finally:
            self._places.release()


@lru_cache(maxsize=1)
def passwords() -> Passwords:
    return Passwords(get_settings())
