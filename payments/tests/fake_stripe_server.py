"""The fake Stripe over HTTP."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from payments.tests.fake_stripe import SECRET_KEY, Answer, FakeStripe, Params


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the fake of the server it belongs to."""

    protocol_version = "HTTP/1.1"
    fake: FakeStripe

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def _respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        address = urlsplit(self.path)
        text = f"{self.rfile.read(length).decode()}&{address.query}"
        status, body = self._answer(address.path, dict(parse_qsl(text)))
        time.sleep(self.fake.seconds_to_answer)
        if self.fake.loses_answers:
            self.close_connection = True
        else:
            self._write(status, json.dumps(body).encode())

    def _answer(self, path: str, params: Params) -> Answer:
        if self.headers["Authorization"] != f"Bearer {SECRET_KEY}":
            error = {"type": "invalid_request_error", "message": "Invalid API Key provided."}
            return 401, {"error": error}
        self.fake.versions.add(self.headers["Stripe-Version"])
        key = self.headers.get("Idempotency-Key", "") if self.command == "POST" else ""
        return self.fake.answer(self.command, path, params, key)

    def _write(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def served(fake: FakeStripe) -> ThreadingHTTPServer:
    """Return a server on loopback, to be started, that answers as ``fake``."""
    handler = type("HandlerOfFake", (Handler,), {"fake": fake})
    return ThreadingHTTPServer(("127.0.0.1", 0), handler)
