"""A stateful fake of Acme, the provider of docs/howto/example_gateway.py."""

from __future__ import annotations

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET_KEY = "acme_fake"
WEBHOOK_SECRET = "acme_webhooks"
GOOD, DECLINED, ASKING = "src_good", "src_declined", "src_asking"

Answer = tuple[int, dict[str, Any]]


def refused(code: str, status: int = 409) -> Answer:
    return status, {"state": "refused", "code": code, "message": f"Acme says {code}."}


class FakeAcme:
    """What Acme remembers: every call by its key, and every charge."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.charges: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Answer] = {}
        self.loses_answers = False

    def post(self, path: str, body: dict[str, Any], key: str) -> Answer:
        """Act once for every key."""
        with self.lock:
            if key not in self.answers:
                match path.split("/")[1:]:
                    case ["charges"]:
                        self.answers[key] = self._charge(body)
                    case ["charges", charge_id, what]:
                        self.answers[key] = self._follow_up(self.charges[charge_id], what, body)
            return self.answers[key]

    def find(self, reference: str) -> Answer:
        found = [charge for charge in self.charges.values() if charge["reference"] == reference]
        return 200, {"data": found}

    def taken(self) -> int:
        """Return what all charges took, in the smallest unit."""
        return sum(charge["captured"] for charge in self.charges.values())

    def finish_action(self, charge_id: str, *, succeeds: bool) -> dict[str, Any]:
        """Play the customer, and return the event that tells the outcome."""
        charge = self.charges[charge_id]
        if succeeds:
            self._done(charge)
        else:
            charge.update(state="refused", code="authentication_failed", message="Not confirmed.")
        return {"type": "charge.finished", "charge": charge}

    def _charge(self, body: dict[str, Any]) -> Answer:
        charge = body | {
            "id": f"chg_{secrets.token_hex(8)}",
            "captured": 0,
            "refunded": 0,
            "is_void": False,
        }
        self.charges[charge["id"]] = charge
        match body["source"]:
            case "src_declined":
                charge.update(state="refused", code="card_declined", message="No.")
                return 402, charge
            case "src_asking":
                charge.update(state="waiting", secret=secrets.token_hex(8))
                return 201, dict(charge)
        self._done(charge)
        return 201, dict(charge)

    def _done(self, charge: dict[str, Any]) -> None:
        charge["state"] = "done"
        if charge["capture"]:
            charge.update(captured=charge["amount"], fee=25)

    def _follow_up(self, charge: dict[str, Any], what: str, body: dict[str, Any]) -> Answer:
        amount = body["amount"]
        match what:
            case "captures":
                if charge["is_void"] or amount > charge["amount"] - charge["captured"]:
                    return refused("not_capturable")
                charge["captured"] += amount
            case "refunds":
                if amount > charge["captured"] - charge["refunded"]:
                    return refused("not_refundable")
                charge["refunded"] += amount
            case "voids":
                if charge["captured"]:
                    return refused("not_voidable")
                charge["is_void"] = True
        done = {"id": f"{what}_{secrets.token_hex(8)}", "state": "done", "fee": 0}
        return 201, done | {"currency": charge["currency"]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeAcme

    def do_GET(self) -> None:
        self._write(self.fake.find(parse_qs(urlsplit(self.path).query)["reference"][0]))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._write(self.fake.post(self.path, body, self.headers["Idempotency-Key"]))

    def _write(self, answer: Answer) -> None:
        if self.headers["Authorization"] != f"Bearer {SECRET_KEY}":
            answer = 401, {}
        if self.fake.loses_answers:
            self.close_connection = True
            return
        status, told = answer
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def served(fake: FakeAcme) -> ThreadingHTTPServer:
    """Return a server on loopback, to be started, that answers as ``fake``."""
    handler = type("HandlerOfFake", (Handler,), {"fake": fake})
    return ThreadingHTTPServer(("127.0.0.1", 0), handler)
