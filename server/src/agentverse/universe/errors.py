"""What can go wrong with projects, questions and comparisons, each with a stable code."""

from agentverse.platform.errors import AgentVerseError, Conflict, InvalidInput, NotFound


class ProjectNotFound(NotFound):
    code = "project_not_found"
    title = "No such project"


class NodeNotFound(NotFound):
    code = "node_not_found"
    title = "No such node"


class AskNotFound(NotFound):
    code = "ask_not_found"
    title = "No such question"


class PopulationNotUsable(Conflict):
    code = "population_not_ready"
    title = "The population is not ready"


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


class QuestionEmpty(InvalidInput):
    code = "question_empty"
    title = "The question is empty"


class QuestionTooLong(InvalidInput):
    code = "question_too_long"
    title = "The question is too long"


class QuestionUnreadable(InvalidInput):
    code = "question_unreadable"
    title = "The question cannot be read"


class ParentOfAnotherProject(InvalidInput):
    code = "parent_of_another_project"
    title = "The parent node belongs to another project"


class BaselineMissing(Conflict):
    code = "baseline_missing"
    title = "The baseline has not been run"


class NodeRunning(Conflict):
    code = "node_running"
    title = "The node is already running"


class NodeNotExplored(Conflict):
    code = "node_not_explored"
    title = "The node has no result yet"


class NodesOfDifferentProjects(Conflict):
    code = "nodes_of_different_projects"
    title = "The two nodes belong to different projects"


class WindowInvalid(InvalidInput):
    code = "window_invalid"
    title = "The window cannot be compared"


class EventScriptInvalid(InvalidInput):
    code = "event_script_invalid"
    title = "An event script cannot be carried out as written"


class PlanNotFound(NotFound):
    code = "plan_not_found"
    title = "No such plan"


class PlanInvalid(InvalidInput):
    code = "plan_invalid"
    title = "The plan cannot be searched as described"


class PlanAlreadyFinished(Conflict):
    code = "plan_already_finished"
    title = "The search has already ended"


class PlanSuperseded(Conflict):
    """Another attempt owns the search now; this one must write nothing more."""

    code = "plan_superseded"
    title = "Another worker has taken over the search"


class HybridNotFound(NotFound):
    code = "hybrid_not_found"
    title = "No such run with actors"


class HybridInvalid(InvalidInput):
    code = "hybrid_invalid"
    title = "The actors cannot act as described"


class HybridAlreadyFinished(Conflict):
    code = "hybrid_already_finished"
    title = "The run with actors has already ended"


class HybridSuperseded(Conflict):
    """Another attempt owns the run now; this one must write nothing more."""

    code = "hybrid_superseded"
    title = "Another worker has taken over the run with actors"


class MetricNotOffered(InvalidInput):
    code = "metric_not_offered"
    title = "The project has no such metric"


class QuestionNotUnderstood(InvalidInput):
    code = "question_not_understood"
    title = "The question was not understood as a whole"


class RunFailed(AgentVerseError):
    code = "run_failed"
    status = 500
    title = "The run failed"
