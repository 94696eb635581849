"""Write the vocabulary of the search anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from listings.services import rebuild_vocabulary


class Command(BaseCommand):
    """Write the words of all listed products anew, should `audit` find them wrong."""

    help = "Write the vocabulary of the search anew, should `audit` find it wrong."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Rebuild the vocabulary."""
        self.stdout.write(f"{rebuild_vocabulary()} words.")
