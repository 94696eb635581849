from accounts.events import UserErased
from core.events import handles
from pricing import services


@handles(UserErased)
def anonymise_coupon_uses(event: UserErased) -> None:
    services.anonymise_coupon_uses(user_id=event.user_id)
