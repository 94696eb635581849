"""The one table of what may become of an order, by whom, and when not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from core.errors import DomainError
from orders.models import Order, OrderStatus, Return, ReturnStatus


class InvalidTransition(DomainError):
    """The order's present status does not allow this."""

    code = "invalid_transition"
    title = "The order's status does not allow this."
    example: ClassVar = {"status_now": "cancelled", "asked": "shipped"}
    remedy = "Read the order: `allowed_transitions` says what it may become."


class Actor(StrEnum):
    """On whose behalf an order is changed."""

    OWNER = "owner"
    STAFF = "staff"
    MONEY = "money"  # what the payment provider reports; nobody declares it by hand


Guard = Callable[[Order], str]


def nothing_shipped(order: Order) -> str:
    """Object once a parcel is on its way: then goods come back as a return."""
    return "Part of the order has been shipped." if order.has_shipments else ""


def paid_on_delivery(order: Order) -> str:
    """Object unless the money is to come when the goods arrive."""
    return "" if order.is_paid_on_delivery else "An order that is pending cannot become shipped."


def not_paid(order: Order) -> str:
    """Object once there is money: then goods come back as a return, and are refunded."""
    is_unpaid = order.is_paid_on_delivery and not order.paid_at
    return "" if is_unpaid else "It has been paid: goods come back as a return."


@dataclass(frozen=True)
class Transition:
    """That ``source`` may become ``target`` by one of ``actors``, unless ``guard`` objects."""

    source: OrderStatus
    target: OrderStatus
    actors: frozenset[Actor]
    guard: Guard | None = None

    def objection(self, order: Order) -> str:
        """Return why ``order`` may not take this step, or an empty text."""
        return self.guard(order) if self.guard else ""


_OWNER_OR_STAFF = frozenset({Actor.OWNER, Actor.STAFF})
_OWNER = frozenset({Actor.OWNER})
_STAFF = frozenset({Actor.STAFF})
_MONEY = frozenset({Actor.MONEY})

TRANSITIONS: Final = (
    Transition(OrderStatus.PENDING, OrderStatus.PAID, _MONEY),
    Transition(OrderStatus.PENDING, OrderStatus.SHIPPED, _STAFF, paid_on_delivery),
    Transition(OrderStatus.PENDING, OrderStatus.CANCELLED, _OWNER, nothing_shipped),
    Transition(OrderStatus.PENDING, OrderStatus.CANCELLED, _STAFF),
    Transition(OrderStatus.PAID, OrderStatus.SHIPPED, _STAFF),
    Transition(OrderStatus.PAID, OrderStatus.CANCELLED, _OWNER_OR_STAFF, nothing_shipped),
    Transition(OrderStatus.SHIPPED, OrderStatus.DELIVERED, _STAFF),
    Transition(OrderStatus.SHIPPED, OrderStatus.CANCELLED, _STAFF, not_paid),
    Transition(OrderStatus.PAID, OrderStatus.REFUNDED, _MONEY),
    Transition(OrderStatus.SHIPPED, OrderStatus.REFUNDED, _MONEY),
    Transition(OrderStatus.DELIVERED, OrderStatus.REFUNDED, _MONEY),
)


def allowed_targets(order: Order, actor: Actor) -> list[OrderStatus]:
    """Return what ``actor`` may make of ``order`` now."""
    return [
        transition.target
        for transition in TRANSITIONS
        if transition.source == order.status
        and actor in transition.actors
        and not transition.objection(order)
    ]


def check(order: Order, target: OrderStatus, actor: Actor) -> None:
    """Raise InvalidTransition unless ``actor`` may make ``order`` become ``target`` now."""
    for transition in TRANSITIONS:
        is_this = (transition.source, transition.target) == (order.status, target)
        if is_this and actor in transition.actors:
            if objection := transition.objection(order):
                raise _refusal(order, target, objection)
            return
    raise _refusal(order, target, f"An order that is {order.status} cannot become {target}.")


RETURN_TRANSITIONS: Final[Mapping[ReturnStatus, frozenset[ReturnStatus]]] = {
    ReturnStatus.REQUESTED: frozenset({ReturnStatus.APPROVED, ReturnStatus.REJECTED}),
    ReturnStatus.APPROVED: frozenset({ReturnStatus.RECEIVED, ReturnStatus.REJECTED}),
    ReturnStatus.RECEIVED: frozenset(),
    ReturnStatus.REJECTED: frozenset(),
}


def check_return(returned: Return, target: ReturnStatus) -> None:
    """Raise InvalidTransition unless staff may make the return become ``target`` now."""
    if target not in RETURN_TRANSITIONS[ReturnStatus(returned.status)]:
        raise InvalidTransition(
            f"A return that is {returned.status} cannot become {target}.",
            status_now=returned.status,
            asked=target,
        )


def check_returnable(order: Order) -> None:
    """Raise InvalidTransition unless the order has arrived."""
    if order.status != OrderStatus.DELIVERED:
        raise InvalidTransition(
            f"Only what was delivered can be returned; this order is {order.status}.",
            status_now=order.status,
        )


def has_rest(order: Order) -> bool:
    """Tell whether a part of the order has left and the rest is to follow."""
    return order.status == OrderStatus.PAID and order.has_shipments


def check_rest(order: Order) -> None:
    """Raise InvalidTransition unless a part of the order has left and the rest is to follow."""
    if not has_rest(order):
        raise InvalidTransition(
            "Only the rest of a partly shipped order can be called off.", status_now=order.status
        )


def check_editable(order: Order) -> None:
    """Raise InvalidTransition unless the order still waits for payment."""
    if order.status != OrderStatus.PENDING:
        raise InvalidTransition(
            f"An order that is {order.status} cannot be changed any more.",
            status_now=order.status,
        )
    if order.is_paid_on_delivery and (objection := nothing_shipped(order)):
        raise InvalidTransition(objection, status_now=order.status)


def _refusal(order: Order, target: OrderStatus, detail: str) -> InvalidTransition:
    return InvalidTransition(detail, status_now=order.status, asked=target)
