"""Mail to people: through the SMTP server that is set, else printed where the server runs.

The standard library's client is enough: one message, one server, nothing to keep open.
"""

import logging
import smtplib
import ssl
import sys
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from agentverse.platform.errors import Misconfigured
from agentverse.platform.settings import Settings, get_settings

logger = logging.getLogger(__name__)

SMTP_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    to: str
    subject: str
    text: str


class MailSender(Protocol):
    def __call__(self, mail: Mail) -> None:
        """Hand the mail over; raises OSError or smtplib.SMTPException when it cannot."""
        ...


def post(mail: Mail) -> None:
    """Send a mail behind an answer: what fails is logged, with no address and no content."""
    try:
        sender(get_settings())(mail)
    except (OSError, smtplib.SMTPException) as error:
        logger.error("A mail (%s) could not be sent: %s", mail.subject, type(error).__name__)


def sender(settings: Settings) -> MailSender:
    return _print if settings.smtp_url is None else _Smtp(settings)


def _print(mail: Mail) -> None:
    """For whoever runs the server; standard error, as commands print results to standard output."""
    print(f"\nMail to {mail.to}\n{mail.subject}\n\n{mail.text}\n", file=sys.stderr, flush=True)  # noqa: T201


class _Smtp:
    """smtp://user:password@host:587 (STARTTLS where offered) or smtps://host:465."""

    def __init__(self, settings: Settings) -> None:
        url = "" if settings.smtp_url is None else settings.smtp_url.get_secret_value()
        self._from = settings.mail_from
        self._server = urlsplit(url)
        if self._server.scheme not in {"smtp", "smtps"} or not self._server.hostname:
            raise Misconfigured("AGENTVERSE_SMTP_URL must read smtp://user:password@host:port.")

    def __call__(self, mail: Mail) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._from, mail.to, mail.subject
        message.set_content(mail.text)
        with self._connect() as smtp:
            if self._server.username:
                smtp.login(unquote(self._server.username), unquote(self._server.password or ""))
            smtp.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        host, port = str(self._server.hostname), self._server.port or 0
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(
                host, port, timeout=SMTP_TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        smtp = smtplib.SMTP(host, port, timeout=SMTP_TIMEOUT_SECONDS)
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        return smtp
