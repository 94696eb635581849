"""Background jobs of pricing."""

from accounts.events import UserErased
from core.events import handles
from pricing import services


@handles(UserErased)
def anonymise_coupon_uses(event: UserErased) -> None:
    """Remove who used which coupon, and the groups, of someone who left."""
    services.anonymise_coupon_uses(user_id=event.user_id)
