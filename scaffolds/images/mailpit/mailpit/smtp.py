"""The SMTP side: takes mail from anybody for anybody, with or without a password."""

from __future__ import annotations

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from box import Box

LARGEST_MAIL = 50 * 1024 * 1024


class _Keeper:
    def __init__(self, box: Box) -> None:
        self._box = box

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        identifier = self._box.add(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        return f"250 2.0.0 Ok: queued as {identifier}"


def smtp_server(box: Box, host: str, port: int) -> Controller:
    """A server that puts every mail into the box; the caller starts and stops it."""
    return Controller(
        _Keeper(box),
        hostname=host,
        port=port,
        data_size_limit=LARGEST_MAIL,
        authenticator=lambda *_: AuthResult(success=True),
        auth_require_tls=False,
        ident="Mailpit ESMTP Service ready",
    )
