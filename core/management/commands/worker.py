"""``manage.py worker``: runs background jobs, each lane of queues by workers of its own."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.worker import Worker

from core.jobs import worker_connector
from core.queues import LANES, Lane


class Command(BaseCommand):
    help = "Run background jobs until told to stop (SIGINT, SIGTERM)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--lanes",
            nargs="+",
            choices=[lane.name for lane in LANES],
            default=[lane.name for lane in LANES],
            help="what to work at; a process for each lane uses more processors",
        )
        parser.add_argument(
            "--one-shot", action="store_true", help="end when there is nothing left to do"
        )
        parser.add_argument(
            "--shutdown-seconds",
            type=float,
            default=10,
            help="how long running jobs may take to end; what is cut off is done again later",
        )

        parser.add_argument(
            "--polling-seconds",
            type=float,
            default=5,
            help="how often to look for jobs that were not notified, such as delayed ones",
        )

    def handle(
        self,
        *,
        lanes: Sequence[str],
        one_shot: bool,
        shutdown_seconds: float,
        polling_seconds: float,
        **options: Any,
    ) -> None:
        chosen = [lane for lane in LANES if lane.name in lanes]
        with app.replace_connector(worker_connector(chosen)):
            asyncio.run(
                _work(
                    chosen,
                    wait=not one_shot,
                    shutdown_graceful_timeout=shutdown_seconds,
                    fetch_job_polling_interval=polling_seconds,
                )
            )


async def _work(lanes: Sequence[Lane], **options: Any) -> None:
    """Run one worker for each lane, until all have stopped; if one fails, all stop."""
    async with app.open_async():
        workers: list[Any] = [  # whose methods have no types
            Worker(
                app,
                queues=list(lane.queues),
                name=lane.name,
                concurrency=lane.concurrency,
                **options,
                install_signal_handlers=False,
            )
            for lane in lanes
        ]

        def stop() -> None:
            for worker in workers:
                worker.stop()

        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signal_number, stop)
        async with asyncio.TaskGroup() as running:
            for worker in workers:
                running.create_task(worker.run())
