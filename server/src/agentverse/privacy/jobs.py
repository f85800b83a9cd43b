"""Worker door of privacy."""

from agentverse import tasks
from agentverse.privacy import archives, erasing, privacy_requests
from agentverse.tasks import Attempt, Store


@tasks.handles(privacy_requests.EXPORTS)
def build_export(attempt: Attempt) -> Store:
    return archives.build_export(attempt)


@tasks.handles(privacy_requests.DELETIONS)
def erase_organization(attempt: Attempt) -> Store:
    return erasing.erase_organization(attempt)


@tasks.handles(privacy_requests.ERASURES)
def erase_user(attempt: Attempt) -> Store:
    return erasing.erase_user(attempt)
