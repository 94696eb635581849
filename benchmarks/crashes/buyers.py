"""The clients: they place, pay and cancel orders, and ask again until they are answered."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from benchmarks.chance import chance
from benchmarks.customers import ADDRESS

TIMEOUT_SECONDS: Final = 15
PAUSE_SECONDS: Final = 0.2
LONGEST_THOUGHT_SECONDS: Final = 0.6
SHARE_OF_HOT: Final = 0.5
SHARE_CANCELLED: Final = 0.3
_IN_PROGRESS: Final = "idempotency_in_progress"


@dataclass(frozen=True)
class Task:
    """Where the shop is and what is bought there; ``hot`` is what runs out."""

    port: int
    method: str
    hot: str
    others: Sequence[str]


@dataclass
class Ledger:
    placed: dict[str, dict[str, Any]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    wrongs: list[str] = field(default_factory=list)


class Buyer(threading.Thread):
    """Buys until it is told to stop, and then until its last order is answered."""

    def __init__(self, number: int, token: str, task: Task, ledger: Ledger) -> None:
        super().__init__(name=f"buyer {number}", daemon=True)
        self.token, self.task, self.ledger = token, task, ledger
        self.chance = chance(number)
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self._buy()
            except Exception as error:  # noqa: BLE001 - whatever it is, the run must fail of it
                self.ledger.wrongs.append(f"{self.name}: {error!r}")
                return
            time.sleep(self.chance.uniform(0.1, LONGEST_THOUGHT_SECONDS))

    def _buy(self) -> None:
        items = [{"variant": self.chance.choice(self.task.others), "quantity": 1}]
        if self.chance.random() < SHARE_OF_HOT:
            items.append({"variant": self.task.hot, "quantity": self.chance.randint(1, 2)})
        wish = {"items": items, "shipping_address": ADDRESS, "shipping_method": self.task.method}
        status, answer = self._ask("/api/v1/orders/", wish)
        if status != HTTPStatus.CREATED:
            self._note_refusal(status, answer, "insufficient_stock")
            return
        self.ledger.placed[answer["number"]] = answer
        if self.chance.random() < SHARE_CANCELLED:
            self._cancel(answer)
        else:
            self._pay(answer)

    def _cancel(self, order: dict[str, Any]) -> None:
        status, answer = self._ask(f"/api/v1/orders/{order['id']}/cancel/", {})
        # An answer that was lost had cancelled it already.
        if status != HTTPStatus.OK:
            self._note_refusal(status, answer, "invalid_transition")
        self.ledger.cancelled.add(order["number"])

    def _pay(self, order: dict[str, Any]) -> None:
        wish = {"order": order["id"], "provider": "test", "payment_method": "tok_success"}
        status, answer = self._ask("/api/v1/payments/", wish)
        if status == HTTPStatus.CREATED:
            self.ledger.paid.add(order["number"])
        else:
            self._note_refusal(status, answer, "already_paid", "payment_in_progress", _IN_PROGRESS)

    def _note_refusal(self, status: int, answer: dict[str, Any], *expected: str) -> None:
        code = str(answer.get("code"))
        self.ledger.refused[code] += 1
        if code not in expected:
            self.ledger.wrongs.append(f"unexpected answer {status}: {answer}")

    def _ask(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return what is answered, asking again with the same key while the shop is down."""
        key, content = str(uuid.uuid4()), json.dumps(body)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        while True:
            try:
                status, answer = self._send(path, content, headers)
            except (OSError, http.client.HTTPException):
                status, answer = 0, {}
            is_down = not status or status >= HTTPStatus.INTERNAL_SERVER_ERROR
            is_under_way = answer.get("code") == _IN_PROGRESS and "payments" not in path
            if not is_down and not is_under_way:
                return status, answer
            self.ledger.repeated += 1
            time.sleep(PAUSE_SECONDS)

    def _send(self, path: str, content: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.task.port, timeout=TIMEOUT_SECONDS
        )
        try:
            connection.request("POST", path, content, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or "{}")
        finally:
            connection.close()
