"""Background jobs of the catalog."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from accounts.events import UserErased
from catalog import services
from catalog.services import image_downloads, images, publication
from core.events import handles
from core.tasks import PATIENT


@handles(UserErased)
def forget_seller(event: UserErased) -> None:
    """Let someone who left sell for nobody any more."""
    services.forget_seller(user_id=event.user_id)


@jobs.task(name="catalog.tasks.make_thumbnails", retry=PATIENT)
def make_thumbnails(image_id: str) -> None:
    """Make the smaller renditions of a product's picture."""
    images.make_thumbnails(image_id=UUID(image_id))


@jobs.task(name="catalog.tasks.fetch_images", queue="downloads", lock="fetch_images", retry=PATIENT)
def fetch_images() -> None:
    """Fetch the pictures that imports named by their addresses."""
    image_downloads.fetch_images()


@jobs.periodic(cron="* * * * * */5")
@jobs.task(name="catalog.tasks.publish_due", queue="listings", queueing_lock="publish_due")
def publish_due(timestamp: int) -> None:
    """Let products come into the shop and leave it when their time has come."""
    publication.publish_due(now=timezone.now())
