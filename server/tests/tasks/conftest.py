"""The kind of task that these tests work on."""

from collections.abc import Iterator

import pytest
from factories.tasks import Told, sample_kind

from agentverse.tasks import TaskKind


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def kind(told: Told) -> Iterator[TaskKind]:
    with sample_kind(told) as declared:
        yield declared
