"""What can go wrong with exports and deletions."""

from agentverse.platform.errors import Conflict, InvalidInput, NotFound, Unavailable


class PrivacyRequestNotFound(NotFound):
    code = "privacy_request_not_found"
    title = "There is no such request"


class ExportNotReady(Conflict):
    code = "export_not_ready"
    title = "The export is not ready"


class ExportGone(NotFound):
    code = "export_gone"
    title = "The export is gone"


class NameDoesNotMatch(InvalidInput):
    code = "name_does_not_match"
    title = "This is not the organization's name"


class WorkStillRunning(Unavailable):
    code = "work_still_running"
    title = "Work of the organization is still ending"
