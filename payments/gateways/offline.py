"""Money that no network moves: bank transfer and cash on delivery, confirmed by staff.

The customer's promise counts as an authorization. Staff capture it when the money is there,
and confirm a refund when it has been sent back. Every answer follows from the key alone, so
that there is nothing to remember and nothing to lose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from payments.gateways.base import (
    Capability,
    Charge,
    Enquiry,
    Envelope,
    FollowUp,
    Gateway,
    GatewayResult,
    InvalidPaymentMethod,
    InvalidWebhook,
    Notice,
    RequiresAction,
    Succeeded,
)


class OfflineGateway(Gateway):
    capabilities: ClassVar[tuple[Capability, ...]] = (
        Capability.MANUAL_CAPTURE,
        Capability.PARTIAL_CAPTURE,
        Capability.REFUND,
        Capability.PARTIAL_REFUND,
    )

    def check_payment_method(self, payment_method: str) -> None:
        """Raise InvalidPaymentMethod for anything but the code: there are no tokens here."""
        if payment_method != self.code:
            raise InvalidPaymentMethod(f"Send {self.code} here, too.", pointer="#/payment_method")

    def sale(self, charge: Charge) -> GatewayResult:
        return self.authorize(charge)

    def authorize(self, charge: Charge) -> GatewayResult:
        return Succeeded(f"{self.code}_{charge.key.hex}")

    def capture(self, follow_up: FollowUp) -> GatewayResult:
        return Succeeded(f"received_{follow_up.key.hex}")

    def refund(self, follow_up: FollowUp) -> GatewayResult:
        """Take note that staff have sent the money back, or wait for them to do so."""
        reference = f"returned_{follow_up.key.hex}"
        return Succeeded(reference) if follow_up.is_by_staff else RequiresAction(reference, "")

    def void(self, follow_up: FollowUp) -> GatewayResult:
        return Succeeded(f"released_{follow_up.key.hex}")

    def fetch(self, enquiry: Enquiry) -> GatewayResult | None:
        return Succeeded(f"{self.code}_{enquiry.key.hex}")

    def open_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> Envelope:
        raise InvalidWebhook

    def read_event(self, event: dict[str, Any]) -> Notice | None:
        return None


class BankTransferGateway(OfflineGateway):
    """The customer transfers the money; staff capture when it is on the account."""

    code = "bank_transfer"
    name = "Bank transfer"
    capabilities = (*OfflineGateway.capabilities, Capability.CUSTOMER_TRANSFER)


class CashOnDeliveryGateway(OfflineGateway):
    """The customer pays on receipt; staff capture when the carrier has handed over the money."""

    code = "cash_on_delivery"
    name = "Cash on delivery"
    capabilities = (*OfflineGateway.capabilities, Capability.PAID_ON_DELIVERY)
