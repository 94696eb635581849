"""A real mail server on loopback that keeps what it takes."""

from __future__ import annotations

import asyncio
import socket
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

STUCK_SECONDS = 5


class MailServer:
    """Keeps messages; refuses recipients at ``refused.example``, and those in ``refused``.

    Is slow to answer while stuck.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.connections = 0
        self.is_stuck = False
        self.refused: set[str] = set()
        self.controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    @property
    def port(self) -> int:
        return int(self.controller.port)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it and its arguments
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        self.connections += 1
        await asyncio.sleep(STUCK_SECONDS if self.is_stuck else 0)
        if address.endswith("refused.example") or address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd names it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content))
        return "250 taken"


def _free_port() -> int:
    """Return a port that nobody listens on; aiosmtpd does not take 0 for an answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
