"""Background jobs of listings."""

from procrastinate.contrib.django import app as jobs

from listings import services

# Jobs that wait keep the name under which they were put off.
FORMER_NAME = "catalog.tasks.refresh_vocabulary"


@jobs.periodic(cron="* * * * * */2")
@jobs.task(
    name="listings.tasks.refresh_vocabulary",
    aliases=[FORMER_NAME],
    queue="listings",
    queueing_lock="refresh_vocabulary",
)
def refresh_vocabulary(timestamp: int) -> None:
    """Let the words that the search corrects by follow the products, every two seconds."""
    services.refresh_vocabulary()
