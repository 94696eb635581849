from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from accounts.events import UserErased
from cart import services
from core.events import handles


@jobs.periodic(cron="23 * * * *")
@jobs.task(name="cart.tasks.remove_idle_carts", queueing_lock="remove_idle_carts")
def remove_idle_carts(timestamp: int) -> None:
    while services.remove_idle_carts(now=timezone.now()):
        pass


@jobs.periodic(cron="*/10 * * * *")
@jobs.task(name="cart.tasks.announce_abandoned_carts", queueing_lock="announce_abandoned_carts")
def announce_abandoned_carts(timestamp: int) -> None:
    while services.announce_abandoned_carts(now=timezone.now()):
        pass


@handles(UserErased)
def anonymise_carts(event: UserErased) -> None:
    services.anonymise_carts(user_id=event.user_id)
