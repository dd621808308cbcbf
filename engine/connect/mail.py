"""Mail over SMTP (RFC 5321), as the environment says: TRADEWIND_SMTP_URL and TRADEWIND_MAIL_FROM."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from engine.connect.failure import DeliveryFailed

SERVER = "TRADEWIND_SMTP_URL"
SENDER = "TRADEWIND_MAIL_FROM"
SECONDS = 30
HINT = "set TRADEWIND_SMTP_URL to smtp://user:password@host:587 or smtps://…:465"


def is_set_up() -> bool:
    """Whether there is a server to send mail by."""
    return bool(os.environ.get(SERVER))


def send(key: str, payload: Mapping[str, str]) -> None:
    """Send one mail: `to`, `subject`, `body`. The job's `key` is its Message-ID, by which a receiver knows one that comes twice."""
    message = EmailMessage()
    sender = os.environ.get(SENDER) or "tradewind@localhost"
    message["From"], message["To"] = sender, payload["to"]
    message["Subject"] = " ".join(payload["subject"].split())
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{key.replace(':', '.')}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices back
    message.set_content(payload["body"])
    try:
        with connected() as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise refusal(*next(iter(error.recipients.values()))) from error
    except smtplib.SMTPResponseException as error:
        raise refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryFailed("mail_refused", "The mail server cannot do this: {reason}", reason=str(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        reason = str(error) or type(error).__name__
        raise DeliveryFailed("unreachable", "The mail server cannot be reached: {reason}", reason=reason, temporary=True) from error


def connected() -> smtplib.SMTP:
    """A connection, encrypted where the server offers it; a password is never sent without."""
    text = os.environ.get(SERVER, "")
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError:
        url, host, port = urlsplit(""), None, None
    if url.scheme not in ("smtp", "smtps") or not host:
        what = "There is no mail server" if not text else "TRADEWIND_SMTP_URL is no address of a mail server"
        raise DeliveryFailed("no_mail_server", "{what}: {hint}", what=what, hint=HINT)
    secure = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=secure)
    else:
        server = smtplib.SMTP(host, port or 587, timeout=SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=secure)
        elif url.username:
            server.close()
            raise DeliveryFailed("mail_refused", "The mail server offers no encryption, so the password is not sent; use smtps://")
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


def refusal(code: int, reason: bytes | str) -> DeliveryFailed:
    """What the server said: 4xx is for now, 5xx for good (RFC 5321, 4.2.1)."""
    told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    temporary = 400 <= code < 500
    return DeliveryFailed("mail_refused", "The mail server refused it: {status} {told}", status=code, told=told, temporary=temporary)
