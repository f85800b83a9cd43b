"""Codes of an authenticator app (RFC 6238), by pyotp: six digits, a new one every 30 seconds.

pyotp was chosen for being small, kept since 2011 and used by nearly everybody; which code was used
last is ours to remember, so that none opens twice.
"""

import hmac
from datetime import datetime

from pyotp import random_base32
from pyotp.totp import TOTP

ISSUER = "AgentVerse"
STEP_SECONDS = 30
# Clocks of phones differ; a code is also good for the step before and after its own.
STEPS_AROUND = (0, -1, 1)


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return random_base32()


def address_of(secret: str, email: str) -> str:
    """The otpauth:// address that an app reads, as a QR code too."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, moment: datetime, *, after: int) -> int | None:
    """The step (30 seconds, counted from 1970) of the code; None for none later than `after`."""
    present = int(moment.timestamp()) // STEP_SECONDS
    generator = TOTP(secret)
    for step in (present + around for around in STEPS_AROUND):
        right = hmac.compare_digest(generator.generate_otp(step).encode(), code.encode())
        if right and step > after:
            return step
    return None
