"""What this app announces."""

from dataclasses import dataclass
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class CartAbandoned(Event):
    """Nobody has touched a filled cart for ``ABANDONED_CART_HOURS``; told once, until it is."""

    name = "cart.abandoned"
    cart_id: UUID
