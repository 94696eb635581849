"""The benchmark's own shop: its folder, its database, and the settings its programs run with."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from config import embedded_postgres

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".data" / "bench"


@dataclass(frozen=True)
class Server:
    """The embedded PostgreSQL of the benchmark, and the folder of all that it keeps."""

    data: Path
    host: str
    port: str
    user: str
    database: str

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}@{quote(self.host, safe='')}:{self.port}/{self.database}"

    @property
    def process(self) -> int:
        return int((self.data / "postgres/cluster/postmaster.pid").read_text().split()[0])

    def maintenance(self) -> psycopg.Connection:
        """Connect beside the shop's database, to copy or drop it."""
        return psycopg.connect(
            host=self.host, port=self.port, user=self.user, dbname="postgres", autocommit=True
        )


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(data: Path) -> Server:
    """Start PostgreSQL in a folder, as safe against power cuts as in production."""
    found = embedded_postgres.ensure(data / "postgres")
    return Server(data, found["HOST"], found["PORT"], found["USER"], found["NAME"])


def use_production_settings(server: Server) -> None:
    """Let this process and those it starts run with the settings of production.

    The shop answers to every name below localhost, rate limits are out of reach, nothing is
    encrypted on the loopback, and e-mails end in the worker's log. What the caller set in the
    environment beside these (gunicorn's variables, for instance) stays.
    """
    (server.data / "static").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings.production",
        SECRET_KEY=secrets.token_urlsafe(50),
        JWT_SIGNING_KEY=secrets.token_urlsafe(50),
        ALLOWED_HOSTS="127.0.0.1,.localhost",
        DATABASE_URL=server.url,
        DATA_DIR=str(server.data),
        EMAIL_URL="console://",
        REDIS_URL="",
        PAYMENT_GATEWAYS="payments.gateways.test.TestGateway",
        SECURE_SSL_REDIRECT="false",
        THROTTLE_SCALE="1000000",
        PYTHONUNBUFFERED="1",
    )
