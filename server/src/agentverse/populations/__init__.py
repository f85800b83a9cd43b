"""Populations: a survey file becomes a frozen, content-hashed set of personas."""

from agentverse.populations.lifecycle import (
    build_population,
    get_detail,
    get_population,
    get_report,
    start_import,
    upload_population,
)
from agentverse.populations.snapshots import Snapshot, load_snapshot

__all__ = [
    "Snapshot",
    "build_population",
    "get_detail",
    "get_population",
    "get_report",
    "load_snapshot",
    "start_import",
    "upload_population",
]
