"""Universe: projects and the map of world versions that grows from each."""

from agentverse.universe.models import EventScriptRow, NodeRow, ProjectRow
from agentverse.universe.repository import children_of, get_node, get_project, root_of

__all__ = [
    "EventScriptRow",
    "NodeRow",
    "ProjectRow",
    "children_of",
    "get_node",
    "get_project",
    "root_of",
]
