import procrastinate
from procrastinate.contrib.django import app as jobs

from inventory import selectors, services
from inventory.services import low_stock

LISTINGS = "listings"


@jobs.periodic(cron="* * * * * */2")
@jobs.task(
    name="inventory.tasks.refresh_listings", queue=LISTINGS, queueing_lock="refresh_listings"
)
def refresh_listings(timestamp: int) -> None:
    """Let the stock figures of product lists follow the sales, every two seconds."""
    services.refresh_listings()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="inventory.tasks.serve_backorders", queueing_lock="serve_backorders")
def serve_backorders(timestamp: int) -> None:
    """Serve who waits for what is there, such as at a location that was opened again."""
    awaited = selectors.all_awaited()
    for variant_id, units in selectors.in_stock(awaited).items():
        if units:
            services.serve_backorders(variant_ids=[variant_id])


@jobs.periodic(cron="* * * * *")
@jobs.task(name="inventory.tasks.announce_low_stock", queueing_lock="announce_low_stock")
def announce_low_stock(timestamp: int) -> None:
    """Announce what has run low, every minute."""
    while services.announce_low_stock() == low_stock.AT_ONCE:
        pass


@jobs.periodic(cron="7 * * * *")
@jobs.task(
    name="inventory.tasks.forget_refreshes", queueing_lock="forget_refreshes", pass_context=True
)
async def forget_refreshes(context: procrastinate.JobContext, timestamp: int) -> None:
    """Drop the finished jobs of ``refresh_listings``, of which there are thousands a day."""
    await context.app.job_manager.delete_old_jobs(nb_hours=1, queue=LISTINGS)
