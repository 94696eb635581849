"""The load client: many callers in one loop over plain sockets, far cheaper than a web server.

A *flow* is one caller: a generator that yields requests and is given their answers. Each flow
has a connection of its own, kept alive where the server allows it, and renewed now and then so
that connections spread over the server's processes.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

REQUESTS_PER_CONNECTION = 100
PATIENCE_SECONDS = 10.0
MORE_SECONDS = 0.05
_RECEIVE_BYTES = 1 << 18


class LoadError(Exception):
    """The server closed a connection in the middle of an answer, or none came in time."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes over the wire, and the status its answer should have."""

    raw: bytes
    expected: int = 200


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes
    raw_body: bytes

    @property
    def body(self) -> bytes:
        """Return the body without the marks of chunked transfer."""
        if not header_in(self.head, b"transfer-encoding"):
            return self.raw_body
        rest, parts = self.raw_body, []
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            parts.append(rest[: int(size, 16)])
            rest = rest[int(size, 16) + 2 :]
        return b"".join(parts)

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        return header_in(self.head, name.lower().encode()).decode()


Flow = Generator[Request, Answer, None]


@dataclass
class Load:
    """What happened: how long each answer took, and which were not as expected."""

    seconds: float = 0.0
    client_cpu_seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: Counter[str] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        return len(self.latencies)


def request(
    method: str, path: str, *, body: Any = None, expected: int = 200, **headers: str
) -> Request:
    """Return a request; headers are given as ``if_none_match="…"``, ``host`` among them.

    A body of bytes is sent as it is, any other as JSON.
    """
    content = (
        b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    )
    lines = [f"{method} {path} HTTP/1.1", f"Host: {headers.pop('host', '127.0.0.1')}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return Request("\r\n".join([*lines, "", ""]).encode() + content, expected)


def ask(port: int, one: Request) -> Answer:
    """Send one request and return its answer; raises LoadError when it is not as expected."""
    answers: list[Answer] = []

    def flow() -> Flow:
        answers.append((yield one))

    load = run(port, [flow()], seconds=60)
    if load.unexpected or not answers:
        first_line = one.raw.partition(b"\r\n")[0].decode()
        raise LoadError(f"{first_line}: {dict(load.unexpected) or 'no answer'}")
    return answers[0]


def run(
    port: int,
    flows: Iterable[Flow],
    *,
    seconds: float,
    is_enough: Callable[[Load], bool] = lambda _load: True,
) -> Load:
    """Let the flows call until each has ended, or the time is up and what was done is enough.

    Answers that are still under way then are awaited, so that nobody goes on with what they are
    about before they came; they do not count.
    """
    load = Load()
    started, cpu = time.perf_counter(), time.process_time()
    with selectors.DefaultSelector() as selector:
        callers = [_Caller(port, flow, load, selector) for flow in flows]
        try:
            for caller in callers:
                caller.begin()
            for caller in _ready(selector, seconds):
                caller.receive()
            while selector.get_map() and not is_enough(load):
                for caller in _ready(selector, MORE_SECONDS):
                    caller.receive()
            load.seconds = time.perf_counter() - started
            load.client_cpu_seconds = time.process_time() - cpu
            for caller in _ready(selector, PATIENCE_SECONDS):
                caller.receive_last()
        finally:
            for caller in callers:
                caller.end()
    return load


def _ready(selector: selectors.BaseSelector, seconds: float) -> Iterator[_Caller]:
    """Yield callers who have something to receive, until none is left or the time is up."""
    deadline = time.perf_counter() + seconds
    while selector.get_map() and (remaining := deadline - time.perf_counter()) > 0:
        for key, _ in selector.select(remaining):
            yield key.data


class _Caller:
    def __init__(self, port: int, flow: Flow, load: Load, selector: selectors.BaseSelector) -> None:
        self.port, self.flow, self.load, self.selector = port, flow, load, selector
        self.connection: socket.socket | None = None
        self.requests_left = 0
        self.received = bytearray()

    def begin(self) -> None:
        self._send(next(self.flow, None))

    def receive(self) -> None:
        part = self._read()
        if answer := _parse(self.received, is_whole=not part):
            self._count(answer)
            self._continue(answer)
        elif not part:
            raise LoadError(f"The connection was closed after {bytes(self.received[:200])!r}.")

    def receive_last(self) -> None:
        part = self._read()
        if not part or _parse(self.received, is_whole=False):
            self.end()

    def _read(self) -> bytes:
        if self.connection is None:
            raise LoadError("Nothing is read from a connection that is closed.")
        part = self.connection.recv(_RECEIVE_BYTES)
        self.received += part
        return part

    def end(self) -> None:
        if self.connection is not None:
            self.selector.unregister(self.connection)
            self.connection.close()
            self.connection = None

    def _send(self, one: Request | None) -> None:
        if one is None:
            self.end()
            return
        self.sent, self.sent_at = one, time.perf_counter()
        if self.connection is None:
            self.connection = socket.create_connection(("127.0.0.1", self.port))
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(self.connection, selectors.EVENT_READ, self)
            self.requests_left = REQUESTS_PER_CONNECTION
        self.connection.sendall(one.raw)

    def _count(self, answer: Answer) -> None:
        self.load.latencies.append(time.perf_counter() - self.sent_at)
        self.load.statuses[answer.status] += 1
        if answer.status != self.sent.expected:
            self.load.unexpected[f"{answer.status} {answer.body[:300].decode()}"] += 1

    def _continue(self, answer: Answer) -> None:
        self.received.clear()
        self.requests_left -= 1
        if not self.requests_left or header_in(answer.head, b"connection") == b"close":
            self.end()
        try:
            self._send(self.flow.send(answer))
        except StopIteration:
            self.end()


def _parse(received: bytearray, *, is_whole: bool) -> Answer | None:
    """Return the answer once all of it is there."""
    beginning, empty_line, rest = bytes(received).partition(b"\r\n\r\n")
    if not empty_line:
        return None
    head, body = beginning + empty_line, rest
    status = int(head[9:12])
    if length := header_in(head, b"content-length"):
        is_complete = len(body) >= int(length)
    elif header_in(head, b"transfer-encoding"):
        is_complete = body.endswith(b"0\r\n\r\n")
    else:
        is_complete = is_whole or status in {204, 304}
    return Answer(status, head, body) if is_complete else None


def header_in(head: bytes, name: bytes) -> bytes:
    mark = b"\r\n" + name + b":"
    place = head.lower().find(mark)
    return b"" if place < 0 else head[place + len(mark) :].partition(b"\r\n")[0].strip()
