"""What can go wrong with runs with actors, each with a stable code."""

from agentverse.platform.errors import Conflict, InvalidInput, NotFound


class HybridNotFound(NotFound):
    code = "hybrid_not_found"
    title = "No such run with actors"


class HybridInvalid(InvalidInput):
    code = "hybrid_invalid"
    title = "The actors cannot act as described"


class HybridAlreadyFinished(Conflict):
    code = "hybrid_already_finished"
    title = "The run with actors has already ended"
