"""Checkpoints kept outside the database end with the test, as the database's rows do."""

import pytest


@pytest.fixture(autouse=True)
def fresh_checkpoints(no_kept_checkpoints: None) -> None:
    """Of every test of the audit."""
