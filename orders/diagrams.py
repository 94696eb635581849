"""What may become of orders and returns, drawn from the tables that decide it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

from orders.models import OrderStatus, ReturnStatus
from orders.transitions import RETURN_TRANSITIONS, TRANSITIONS, Actor, Transition

DOCUMENT: Final = Path(settings.BASE_DIR) / "docs" / "order_states.md"
_NAMES: Final = {Actor.OWNER: "customer", Actor.STAFF: "staff", Actor.MONEY: "payment"}
_ABOUT: Final = """\
# What may become of an order

Generated from `orders/transitions.py` by `manage.py state_diagrams`; a test compares. At each
arrow stands who may take the step: the *customer* (or guest) whose order it is, *staff*, or the
*payment*, whose outcome nobody declares by hand. In [brackets]: a condition that is looked at under
the order's lock. Any other step is answered with 409 `invalid_transition`; an order tells its
`allowed_transitions` to whom it is shown.

An order that nobody pays is cancelled when its time to pay is up; one that costs nothing (a coupon
of 100 % and free delivery, or changed down to 0.00) is paid at once, without a provider. How far it
is paid and shipped (`payment_status`, `fulfillment_status`) is derived from its transactions and
parcels: an order of which one of two parcels has left is `paid` and `partially_shipped`. Units that
were refunded before they left, or called off with the rest of a partly shipped order
(`cancelled_quantity`), are waited for no more: the order is `shipped` once all others have left.
"""
_ABOUT_RETURNS: Final = """\
## A return

A return is asked for once the order is delivered, and decided by staff. The refund follows when the
goods have been received.
"""


def document() -> str:
    """Return the page with both diagrams."""
    return "\n".join(
        (_ABOUT, _diagram(_order_arrows()), _ABOUT_RETURNS, _diagram(_return_arrows()))
    )


def _diagram(arrows: Iterable[str]) -> str:
    lines = ["```mermaid", "stateDiagram-v2", *(f"    {arrow}" for arrow in arrows), "```", ""]
    return "\n".join(lines)


def _order_arrows() -> Iterator[str]:
    yield f"[*] --> {OrderStatus.PENDING}: placed"
    yield from (
        f"{transition.source} --> {transition.target}: {_label(transition)}"
        for transition in TRANSITIONS
    )
    sources = {transition.source for transition in TRANSITIONS}
    yield from (f"{status} --> [*]" for status in OrderStatus if status not in sources)


def _label(transition: Transition) -> str:
    """Return who may take the step, and on which condition."""
    who = " or ".join(_NAMES[actor] for actor in Actor if actor in transition.actors)
    return f"{who} [{transition.guard.__name__.replace('_', ' ')}]" if transition.guard else who


def _return_arrows() -> Iterator[str]:
    yield f"[*] --> {ReturnStatus.REQUESTED}: customer"
    for source, targets in RETURN_TRANSITIONS.items():
        yield from (f"{source} --> {target}: staff" for target in ReturnStatus if target in targets)
        if not targets:
            yield f"{source} --> [*]"
