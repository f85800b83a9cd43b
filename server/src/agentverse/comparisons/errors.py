"""What can go wrong with comparisons, each with a stable code."""

from agentverse.platform.errors import Conflict, InvalidInput


class NodeNotExplored(Conflict):
    code = "node_not_explored"
    title = "The node has no result yet"


class NodesOfDifferentProjects(Conflict):
    code = "nodes_of_different_projects"
    title = "The two nodes belong to different projects"


class WindowInvalid(InvalidInput):
    code = "window_invalid"
    title = "The window cannot be compared"


class MetricNotOffered(InvalidInput):
    code = "metric_not_offered"
    title = "The project has no such metric"
