"""The worker door must be open for queued imports to run."""

from pathlib import Path

import pytest

from agentverse.populations import jobs

_ = jobs  # registers the handler


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """Where a test writes the file it is about."""
    return tmp_path / "survey.csv"
