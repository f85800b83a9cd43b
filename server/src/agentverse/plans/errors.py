"""What can go wrong with plans, each with a stable code."""

from agentverse.platform.errors import Conflict, InvalidInput, NotFound


class PlanNotFound(NotFound):
    code = "plan_not_found"
    title = "No such plan"


class PlanInvalid(InvalidInput):
    code = "plan_invalid"
    title = "The plan cannot be searched as described"


class PlanAlreadyFinished(Conflict):
    code = "plan_already_finished"
    title = "The search has already ended"
