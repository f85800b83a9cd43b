"""Populations: a survey file becomes a frozen, content-hashed set of personas."""

from agentverse.populations.categories import Category
from agentverse.populations.lifecycle import (
    NamedPopulation,
    build_population,
    get_population,
    get_report,
    named_populations,
    start_import,
    survey_shares,
    upload_population,
)
from agentverse.populations.removal import remove_population
from agentverse.populations.snapshots import Snapshot, load_snapshot

__all__ = [
    "Category",
    "NamedPopulation",
    "Snapshot",
    "build_population",
    "get_population",
    "get_report",
    "load_snapshot",
    "named_populations",
    "remove_population",
    "start_import",
    "survey_shares",
    "upload_population",
]
