"""The load client gets every kind of answer right: a wrong one would measure nothing."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from benchmarks.load import Answer, Flow, LoadError, ask, request, run


class Handler(BaseHTTPRequestHandler):
    """Answers in the ways that web servers do."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece
    connections: ClassVar[set[object]] = set()

    def do_GET(self) -> None:
        self.connections.add(self.client_address)
        answer = getattr(self, f"answer_{self.path.strip('/')}")
        answer()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(201, body)

    def answer_plain(self) -> None:
        self._send(200, b'{"a": 1}')

    def answer_missing(self) -> None:
        self._send(404, b"no")

    def answer_unchanged(self) -> None:
        self.send_response(304)
        self.send_header("ETag", '"AbC"')
        self.end_headers()

    def answer_closing(self) -> None:
        self._send(200, b"bye", Connection="close")

    def answer_chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    def answer_broken(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        self.close_connection = True

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        Handler.connections.clear()
        Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server.server_address[1]
        server.shutdown()


def _ask_for(path: str, times: int, answers: list[Answer]) -> Flow:
    for _ in range(times):
        answer = yield request("GET", path)
        answers.append(answer)


def test_reads_an_answer_of_known_length(port: int) -> None:
    assert ask(port, request("GET", "/plain")).json() == {"a": 1}


def test_joins_the_chunks_of_an_answer(port: int) -> None:
    assert ask(port, request("GET", "/chunked")).body == b"abcde"


def test_takes_an_answer_without_a_body(port: int) -> None:
    answer = ask(port, request("GET", "/unchanged", expected=304))

    assert answer.header("etag") == '"AbC"'


def test_sends_a_body(port: int) -> None:
    answer = ask(port, request("POST", "/any", body={"quantity": 2}, expected=201))

    assert answer.json() == {"quantity": 2}


def test_keeps_one_connection_for_many_requests(port: int) -> None:
    answers: list[Answer] = []

    load = run(port, [_ask_for("/plain", 50, answers)], seconds=10)

    assert (load.requests, len(answers), len(Handler.connections)) == (50, 50, 1)


def test_connects_again_when_the_server_closes(port: int) -> None:
    answers: list[Answer] = []

    run(port, [_ask_for("/closing", 3, answers)], seconds=10)

    assert [answer.body for answer in answers] == [b"bye"] * 3


def test_lets_callers_work_side_by_side(port: int) -> None:
    answers: list[Answer] = []

    load = run(port, [_ask_for("/plain", 5, answers) for _ in range(4)], seconds=10)

    assert (load.requests, load.statuses[200]) == (20, 20)
    assert len(Handler.connections) == 4


def test_stops_when_the_time_is_up(port: int) -> None:
    load = run(port, [_ask_for("/plain", 1_000_000, [])], seconds=0.2)

    assert load.seconds >= 0.2
    assert load.requests < 1_000_000


def test_goes_on_until_enough_was_done(port: int) -> None:
    enough = 50
    caller = _ask_for("/plain", 1_000_000, [])

    load = run(port, [caller], seconds=0, is_enough=lambda done: done.requests >= enough)

    assert enough <= load.requests < 1_000_000


def test_counts_what_was_not_expected(port: int) -> None:
    load = run(port, [_ask_for("/missing", 2, [])], seconds=10)

    assert load.unexpected == {"404 no": 2}


def test_asking_fails_when_the_answer_is_not_expected(port: int) -> None:
    with pytest.raises(LoadError, match="404 no"):
        ask(port, request("GET", "/missing"))


def test_a_connection_that_breaks_off_is_an_error(port: int) -> None:
    with pytest.raises(LoadError, match="closed"):
        ask(port, request("GET", "/broken"))
