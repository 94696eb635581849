"""``manage.py seed_demo``: the demo shop's goods, people and past orders."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from demo.seed import seed


class Command(BaseCommand):
    """Fills the database of DATA_DIR; what is there already is left alone."""

    help = "Fill the shop with the demo data; running it again changes nothing."

    def handle(self, **_options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError(
                "Refused outside the demo: the sample data has an administrator whose password "
                "is published. Make one of your own with `manage.py createsuperuser`."
            )
        done = seed(console=Console())
        self.stdout.write("The demo data is in place." if done else "Nothing was missing.")
