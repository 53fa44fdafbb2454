"""E-mail by SMTP: a plain text with the call's number and a link, nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from services.review.domain.notices import Message
from services.review.ports.notices import Delivered, Outcome, Refused
from services.runtime.errors import TransientError

SECONDS = 20


@dataclass(frozen=True)
class SmtpMailer:
    """The port `Mailer`."""

    host: str
    port: int
    user: str
    password: str
    tls: Literal["starttls", "tls", "none"]
    sender: str
    seconds: float = SECONDS

    def send(self, address: str, message: Message, message_id: str) -> Outcome:
        """One letter; `message_id` is the same when it is sent again. Raises TransientError."""
        import aiosmtplib

        try:
            asyncio.run(
                aiosmtplib.send(
                    _letter(self.sender, address, message, message_id),
                    hostname=self.host,
                    port=self.port,
                    username=self.user or None,
                    password=self.password or None,
                    use_tls=self.tls == "tls",
                    start_tls=self.tls == "starttls",
                    timeout=self.seconds,
                )
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if any(500 <= refused.code < 600 for refused in error.recipients):
                return Refused("address_refused")
            raise TransientError("The mail server takes nothing for this address now.") from None
        except aiosmtplib.SMTPResponseException as error:
            if 500 <= error.code < 600 and not isinstance(error, aiosmtplib.SMTPAuthenticationError):
                return Refused("mail_refused")
            raise TransientError("The mail server takes no mail now.") from None
        except (aiosmtplib.SMTPException, OSError):
            raise TransientError("The mail server cannot be reached.") from None
        return Delivered()


def _letter(sender: str, address: str, message: Message, message_id: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = address
    letter["Subject"] = message.subject
    letter["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2] or 'otzvuk.invalid'}>"
    letter["Auto-Submitted"] = "auto-generated"
    links = [f"{button.text}: {button.url}" for button in message.buttons if button.url]
    letter.set_content("\n\n".join([message.text, *links]) + "\n")
    return letter
