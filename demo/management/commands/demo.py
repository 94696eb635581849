"""``manage.py demo``: the whole shop on this machine, filled and running, from one command."""

import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from rich.console import Console
from rich.table import Table

from config.parent_death import end_with_parent
from demo import supervisor
from demo.accounts import PASSWORD, SIGN_INS

HOST = "127.0.0.1"


class Command(BaseCommand):
    """Prepares the shop in DATA_DIR, then runs web server and worker until it is stopped."""

    help = "Run the demo shop: database, sample data, web server and worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")
        parser.add_argument(
            "--stop-with-parent", action="store_true", help="stop when the calling program ends"
        )

    def handle(self, *, port: int, stop_with_parent: bool, **_options: Any) -> None:
        self.console = Console(highlight=False)
        if stop_with_parent:
            end_with_parent(os.getppid())
        for wish_to_stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(wish_to_stop, signal.default_int_handler)
        try:
            self._run(port)
        except supervisor.DemoError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.console.print("The demo has stopped.")

    def _run(self, port: int) -> None:
        address = f"http://{HOST}:{port}"
        os.environ.setdefault("PUBLIC_URL", address)
        data = settings.DATA_DIR
        with supervisor.lock_demo(data) as demo, supervisor.lock_programs(data) as lock:
            supervisor.refuse_busy_port(HOST, port)
            self._prepare()
            programs = supervisor.programs_of(
                logs=data / "logs", lock=lock, root=settings.BASE_DIR, bind=f"{HOST}:{port}"
            )
            # The demo's lock is let go first: whoever starts the next demo waits for this one's
            # programs to end, and is not told that it still runs.
            with supervisor.running(programs), demo:
                self._watch([*self._databases(), *programs], address=address)

    def _prepare(self) -> None:
        for title, command, arguments in (
            ("Database", "migrate", {"interactive": False, "verbosity": 0}),
            ("Sample data", "seed_demo", {}),
            ("Static files", "collectstatic", {"interactive": False, "verbosity": 0}),
        ):
            self.console.print(f"{title} …")
            call_command(command, **arguments)
        connections.close_all()

    def _databases(self) -> list[supervisor.Watched]:
        if settings.DATABASE_URL:
            return []
        return [supervisor.Database(settings.DATA_DIR / "postgres")]

    def _watch(self, watched: list[supervisor.Watched], *, address: str) -> None:
        is_up = supervisor.answers(f"{address}/healthz", report=self.console.print)
        supervisor.supervise(watched, until=is_up, report=self.console.print)
        self._welcome(address)
        supervisor.supervise(watched, until=lambda: False, report=self.console.print)

    def _welcome(self, address: str) -> None:
        for name, path in (
            ("API", "/api/v1/"),
            ("Swagger UI", "/api/docs/"),
            ("Admin", "/admin/"),
        ):
            self.console.print(f"[bold]{name:12}[/]{address}{path}", soft_wrap=True)
        self.console.print(f"[bold]{'Data':12}[/]{settings.DATA_DIR}", soft_wrap=True)
        table = Table(
            "Sign in as", "Who", title=f"Password of all: {PASSWORD}", title_justify="left"
        )
        for email, who in SIGN_INS.items():
            table.add_row(email, who)
        self.console.print(table)
        self.console.print("Ctrl-C stops the shop.")
