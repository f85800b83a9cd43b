"""What tests of persons share."""

from collections.abc import Callable

import pytest

from agentverse.platform.outgoing import mail as outgoing
from agentverse.platform.outgoing.mail import Mail
from agentverse.platform.settings import Settings


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch, database: object) -> list[Mail]:
    """What was sent, at the edge where it would leave."""
    sent: list[Mail] = []

    def collecting(_settings: Settings) -> Callable[[Mail], None]:
        return sent.append

    monkeypatch.setattr(outgoing, "sender", collecting)
    return sent
