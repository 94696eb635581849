"""A mail server on the loopback that keeps the subjects of what it takes."""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.environment import free_port


class Mailbox:
    """Takes every message for the length of a ``with`` block."""

    def __init__(self) -> None:
        self.subjects: list[str] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_DATA(  # noqa: N802 - aiosmtpd names it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        message = message_from_bytes(envelope.original_content or b"")
        self.subjects.append(str(make_header(decode_header(message["Subject"]))))
        return "250 taken"
