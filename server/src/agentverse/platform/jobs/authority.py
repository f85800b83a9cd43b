"""Whether who queued a job may still do it: asked when the job is claimed and while it runs.

Platform knows no roles, so the worker's entry point installs who does.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from agentverse.platform.scope import Scope

# Raises the AgentVerseError that tells why, when the authority is gone.
Revalidate = Callable[[Scope], Scope]

POLL_SECONDS: Final = 1.0


def _unquestioned(scope: Scope) -> Scope:
    return scope


_revalidate: Revalidate = _unquestioned


def install(revalidate: Revalidate) -> None:
    """From now on in this process, ask `revalidate` what a queued scope may still do."""
    global _revalidate
    _revalidate = revalidate


def revalidated(scope: Scope) -> Scope:
    """The scope with the authority of this moment."""
    return _revalidate(scope)


@dataclass(slots=True, kw_only=True)
class AuthorityWatch:
    """Asks again while work goes on, once a second at most."""

    scope: Scope
    clock: Callable[[], float] = time.monotonic
    _looked: float = field(default=float("-inf"))

    def current(self) -> Scope:
        """The scope as of a moment ago; raises when the authority is gone."""
        if self.clock() - self._looked >= POLL_SECONDS:
            self._looked = self.clock()
            self.scope = revalidated(self.scope)
        return self.scope
