"""What can go wrong with projects, questions and comparisons, each with a stable code."""

from agentverse.platform.errors import Conflict, InvalidInput, NotFound


class ProjectNotFound(NotFound):
    code = "project_not_found"
    title = "No such project"


class NodeNotFound(NotFound):
    code = "node_not_found"
    title = "No such node"


class PopulationNotUsable(Conflict):
    code = "population_not_ready"
    title = "The population is not ready"


class ProjectBusy(Conflict):
    code = "project_busy"
    title = "The project is still working"


class PopulationInUse(Conflict):
    code = "population_in_use"
    title = "The population is used by a project"


class ProjectInvalid(InvalidInput):
    code = "project_invalid"
    title = "The project cannot be created as described"


class ParameterUnknown(InvalidInput):
    code = "parameter_unknown"
    title = "There is no such parameter"


class ParameterOutOfRange(InvalidInput):
    code = "parameter_out_of_range"
    title = "The parameter lies outside its range"


class AlternativeUnknown(InvalidInput):
    code = "alternative_unknown"
    title = "There is no such alternative"


class ParentOfAnotherProject(InvalidInput):
    code = "parent_of_another_project"
    title = "The parent node belongs to another project"


class NodeRunning(Conflict):
    code = "node_running"
    title = "The node is already running"


class EventScriptInvalid(InvalidInput):
    code = "event_script_invalid"
    title = "An event script cannot be carried out as written"
