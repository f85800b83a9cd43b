"""Signed messages to addresses that people gave, as Standard Webhooks 1.0 has them.

Headers `webhook-id`, `webhook-timestamp`, `webhook-signature`: HMAC-SHA-256 over
"id.timestamp.body". Own code: twenty lines, on the guarded connections that there are anyway.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import aiohttp

from agentverse.platform.errors import AgentVerseError
from agentverse.platform.outgoing.addresses import AddressRefused, connector

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with is none
SECRET_BYTES = 32
TIMEOUT_SECONDS = 10.0


class WebhookFailed(AgentVerseError):
    code = "webhook_failed"
    status = 502
    title = "The webhook's address did not take the message"
    retryable = True


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the signature that a receiver works out again to know who sent this."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def send(
    url: str,
    body: bytes,
    *,
    secret: str,
    message_id: str,
    moment: datetime,
    allow_private_network: bool,
) -> None:
    """Post once; raises WebhookFailed for anything but a 2xx. Redirects are not followed."""
    timestamp = int(moment.timestamp())
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(
            secret, message_id=message_id, timestamp=timestamp, body=body
        ),
    }
    try:
        status = asyncio.run(_post(url, body, headers, allow_private_network))
    except (AddressRefused, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise WebhookFailed(
            f"The address could not be reached ({type(error).__name__}). It is tried again."
        ) from error
    if not 200 <= status < 300:
        raise WebhookFailed(f"The address answered {status}. It is tried again.")


async def _post(url: str, body: bytes, headers: dict[str, str], allow_private_network: bool) -> int:
    session = aiohttp.ClientSession(
        connector=connector(allow_private_network=allow_private_network),
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
    )
    async with (
        session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as response,
    ):
        return response.status
