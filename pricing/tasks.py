"""Background jobs of pricing."""

from accounts.events import UserErased
from core.events import handles
from pricing import services


@handles(UserErased)
def forget_person(event: UserErased) -> None:
    """Forget who used which coupon, and the groups, of someone who left."""
    services.forget_person(user_id=event.user_id)
