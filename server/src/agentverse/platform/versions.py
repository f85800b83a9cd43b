"""Versions of what is edited: an ETag of how it looks, so that nobody overwrites unseen changes."""

import hashlib
import json
from base64 import urlsafe_b64encode

from agentverse.platform.errors import AgentVerseError
from agentverse.platform.wire import WireModel

ETAG_BYTES = 16


class ChangedMeanwhile(AgentVerseError):
    code = "changed_meanwhile"
    status = 412
    title = "It was changed since you read it"


def etag_of(view: WireModel) -> str:
    """A strong ETag, quotes included: the same for the same content, another for any other."""
    document = json.dumps(view.model_dump(mode="json"), sort_keys=True)
    digest = hashlib.sha256(document.encode()).digest()[:ETAG_BYTES]
    return f'"{urlsafe_b64encode(digest).decode().rstrip("=")}"'


def refuse_stale(if_match: str | None, current: WireModel) -> None:
    """Raises ChangedMeanwhile unless If-Match is absent, `*` or names this version (RFC 9110).

    current: read under the lock that the change is made under.
    """
    if if_match is None or if_match.strip() == "*":
        return
    etag = etag_of(current)
    if etag not in {part.strip() for part in if_match.split(",")}:
        raise ChangedMeanwhile(
            "Look at `current`, decide anew, and send your change with its `etag` in If-Match.",
            current=current.model_dump(mode="json"),
            etag=etag,
        )
