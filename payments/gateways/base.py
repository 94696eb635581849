"""What every payment provider can be asked, and what it may answer.

A gateway is called outside of any transaction and lock. Every call carries ``key``, the id of
our transaction row, as the provider's idempotency key: the same key never acts twice, and
``fetch`` tells afterwards what became of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from core.errors import DomainError, InvalidInput


class Capability(StrEnum):
    """What a provider can do.

    Without ``AUTOMATIC_CAPTURE`` a payment is always authorized first, for staff to capture. With
    ``PAID_ON_DELIVERY`` an order is sent on that authorization, before the money has come; with
    ``CUSTOMER_TRANSFER`` the customer is told to which account of the shop to send it.
    """

    AUTOMATIC_CAPTURE = "automatic_capture"
    MANUAL_CAPTURE = "manual_capture"
    PARTIAL_CAPTURE = "partial_capture"
    REFUND = "refund"
    PARTIAL_REFUND = "partial_refund"
    CUSTOMER_ACTION = "customer_action"
    WEBHOOKS = "webhooks"
    FEES = "fees"
    STATEMENTS = "statements"
    PAID_ON_DELIVERY = "paid_on_delivery"
    CUSTOMER_TRANSFER = "customer_transfer"


@dataclass(frozen=True)
class Fee:
    """What the provider keeps for itself, in the currency that it pays the shop in."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Succeeded:
    """It is done; ``reference`` is the provider's name for the charge, refund or void.

    ``fee`` is None where the provider does not tell it with the answer.
    """

    reference: str
    fee: Fee | None = None


@dataclass(frozen=True)
class RequiresAction:
    """The customer must act first (3-D Secure); ``client_secret`` lets the frontend do that."""

    reference: str
    client_secret: str


@dataclass(frozen=True)
class Failed:
    """It was refused and no money moved; ``code`` is for machines, ``reason`` for people."""

    code: str
    reason: str = ""
    reference: str = ""


GatewayResult = Succeeded | RequiresAction | Failed


@dataclass(frozen=True)
class Charge:
    """A request to take ``amount`` from what the token ``payment_method`` stands for."""

    key: UUID
    amount: Decimal
    currency: str
    payment_method: str
    description: str


@dataclass(frozen=True)
class Enquiry:
    """A question about the charge that was asked for with this key at ``at``.

    ``reference`` is the provider's name for the charge; empty while no answer has come.
    """

    key: UUID
    at: datetime
    reference: str


@dataclass(frozen=True)
class FollowUp:
    """A request to capture, refund or void ``amount`` of an earlier charge.

    ``is_by_staff`` tells that a person wants it, not a rule of the shop.
    """

    key: UUID
    charge_reference: str
    amount: Decimal
    currency: str
    is_by_staff: bool = False


@dataclass(frozen=True)
class Envelope:
    """A webhook's event, of which only the signature has been checked."""

    event_id: str
    kind: str
    event: dict[str, Any]


@dataclass(frozen=True)
class Notice:
    """What an event tells: the outcome of the call with this key."""

    key: UUID
    result: GatewayResult


@dataclass(frozen=True)
class Movement:
    """Money that moved, by the provider's own books.

    ``kind`` is ``capture``, ``refund`` or the provider's word for what no shop asks for.
    ``references`` are the provider's names that we may know it by, the best one first;
    ``key`` is our own, where the provider remembers it.
    """

    kind: str
    references: tuple[str, ...]
    amount: Decimal
    currency: str
    at: datetime
    fee: Fee | None = None
    key: UUID | None = None


class GatewayTimeout(Exception):
    """No answer came: what happened is unknown until the provider is asked again."""


class GatewayUnavailable(Exception):
    """The provider was not reached: nothing happened."""


class InvalidPaymentMethod(InvalidInput):
    """Not a token that this provider gives out."""

    code = "invalid_payment_method"
    title = "This is not a payment method of the provider."
    at = "#/payment_method"


class InvalidWebhook(DomainError):
    """The signature does not match the body, or it is too old."""

    code = "invalid_signature"
    status = 400
    title = "The webhook's signature is not valid."


class Gateway(ABC):
    """A payment provider. To add one, subclass this and name it in ``PAYMENT_GATEWAYS``.

    Charges and follow-ups return a result, or raise GatewayTimeout or GatewayUnavailable.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    capabilities: ClassVar[tuple[Capability, ...]]

    @abstractmethod
    def check_payment_method(self, payment_method: str) -> None:
        """Raise InvalidPaymentMethod for what cannot be a token of this provider."""

    @abstractmethod
    def sale(self, charge: Charge) -> GatewayResult:
        """Authorize and capture in one step."""

    @abstractmethod
    def authorize(self, charge: Charge) -> GatewayResult:
        """Reserve the amount with the customer's bank, to be captured later."""

    @abstractmethod
    def capture(self, follow_up: FollowUp) -> GatewayResult:
        """Take all or a part of what was authorized."""

    @abstractmethod
    def refund(self, follow_up: FollowUp) -> GatewayResult:
        """Give back all or a part of what was captured.

        RequiresAction tells that staff have to send the money, and confirm it by asking again.
        """

    @abstractmethod
    def void(self, follow_up: FollowUp) -> GatewayResult:
        """Release an authorization or an attempt that awaits the customer; fails once captured."""

    @abstractmethod
    def fetch(self, enquiry: Enquiry) -> GatewayResult | None:
        """Tell what became of a charge; None when the provider never got it."""

    def fetch_fee(self, reference: str) -> Fee | None:
        """Tell the fee of a charge, capture or refund; None while it is not known yet.

        Asked of providers with the capability ``FEES`` whose answer did not tell it.
        """
        return None

    def movements(self, *, since: datetime, until: datetime) -> Iterator[Movement]:
        """Yield what the provider booked from ``since`` to before ``until``.

        Asked of providers with the capability ``STATEMENTS``.
        """
        yield from ()

    @abstractmethod
    def open_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> Envelope:
        """Return the event in a webhook; raise InvalidWebhook when it is not the provider's.

        ``headers`` are looked up by names in lower case, such as ``webhook-id``.
        """

    @abstractmethod
    def read_event(self, event: dict[str, Any]) -> Notice | None:
        """Return what an event tells about a charge; None for kinds that tell us nothing."""
