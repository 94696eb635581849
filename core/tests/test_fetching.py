"""Fetching addresses that strangers name."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.fetching import Limits, NotFetched, NotPublic, check_address, fetch_public, is_public


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/inside":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/")
            self.end_headers()
        elif self.path == "/again":
            self.send_response(302)
            self.send_header("Location", "/again")
            self.end_headers()
        else:
            self.send_response(200 if self.path == "/picture" else 404)
            self.end_headers()
            self.wfile.write(b"x" * 1000)

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def limits(server: ThreadingHTTPServer, max_bytes: int = 2000) -> Limits:
    """Let loopback count as public, and nothing else that is not."""
    return Limits(
        max_bytes=max_bytes,
        seconds=5,
        is_allowed=lambda address: address.is_loopback or is_public(address),
        ports=frozenset({80, server.server_port}),
    )


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//127.0.0.1/x",
        "http://127.0.0.1/",
        "http://localhost.:80/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://169.254.169.254/latest/",
        "http://user:secret@example.com/",
        "http://exa mple.com/",
        "http://example.com:99999/",
        "http:///x",
    ],
)
def test_refuses_what_is_not_the_public_web_without_asking(url: str) -> None:
    with pytest.raises(NotPublic):
        check_address(url)


def test_lets_public_addresses_pass() -> None:
    assert check_address("https://example.com/a.jpg?b=1").hostname == "example.com"
    assert is_public(ipaddress.ip_address("93.184.215.14"))


def test_refuses_a_name_that_leads_inside() -> None:
    with pytest.raises(NotPublic):
        fetch_public("http://ip6-localhost.localhost/", limits=Limits(max_bytes=10))


def test_returns_what_is_there(server: ThreadingHTTPServer) -> None:
    url = f"http://127.0.0.1:{server.server_port}/picture"

    assert fetch_public(url, limits=limits(server)) == b"x" * 1000


@pytest.mark.parametrize(("path", "max_bytes"), [("picture", 999), ("missing", 2000), ("again", 9)])
def test_gives_up_on_too_much_nothing_and_circles(
    server: ThreadingHTTPServer, path: str, max_bytes: int
) -> None:
    url = f"http://127.0.0.1:{server.server_port}/{path}"

    with pytest.raises(NotFetched):
        fetch_public(url, limits=limits(server, max_bytes))


def test_follows_no_redirect_into_our_own_network(server: ThreadingHTTPServer) -> None:
    with pytest.raises(NotPublic):
        fetch_public(f"http://127.0.0.1:{server.server_port}/inside", limits=limits(server))
