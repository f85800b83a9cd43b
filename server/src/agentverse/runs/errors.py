"""What can go wrong with a run, each with a stable code."""

from agentverse.platform.errors import AgentVerseError, Conflict, InvalidInput, NotFound


class RunNotFound(NotFound):
    code = "run_not_found"
    title = "No such run"


class RunAlreadyFinished(Conflict):
    code = "run_already_finished"
    title = "The run has already ended"


class RunNotRetryable(Conflict):
    code = "run_not_retryable"
    title = "The run cannot be started again"


class RunCancelled(Conflict):
    code = "run_cancelled"
    title = "The run was cancelled"


class TelemetryMissing(Conflict):
    code = "telemetry_missing"
    title = "The run has no telemetry yet"


class TelemetryOutOfRange(InvalidInput):
    code = "telemetry_out_of_range"
    title = "The run holds no such data"


class TelemetryUnreadable(AgentVerseError):
    code = "telemetry_unreadable"
    status = 500
    title = "The stored telemetry cannot be read"


class OutcomeInvalid(InvalidInput):
    code = "outcome_invalid"
    title = "The run has no such outcome"


class RunInputsInvalid(InvalidInput):
    code = "run_inputs_invalid"
    title = "The run cannot be computed as described"


class TemplateOptionUnknown(InvalidInput):
    code = "template_option_unknown"
    title = "The domain template has no such option"


class RoleInvalid(InvalidInput):
    code = "role_invalid"
    title = "The template cannot take this from the file"


class StartSharesInvalid(InvalidInput):
    code = "start_shares_invalid"
    title = "The start of the personas cannot be drawn as described"
