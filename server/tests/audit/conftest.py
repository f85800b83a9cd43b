"""Checkpoints kept outside the database end with the test, as the database's rows do."""

import shutil
from collections.abc import Iterator

import pytest

from agentverse.platform.settings import Settings


@pytest.fixture(autouse=True)
def no_kept_checkpoints(settings: Settings) -> Iterator[None]:
    shutil.rmtree(settings.home / "audit", ignore_errors=True)
    yield
    shutil.rmtree(settings.home / "audit", ignore_errors=True)
