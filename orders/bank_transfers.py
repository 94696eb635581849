"""Where a customer transfers the money for an order, in words and as a QR code for banking apps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Final

import segno
from django.conf import settings

from core.money import quantize
from orders.models import Order

# EPC069-12: the code is for euro only, with lines of bounded length.
_CURRENCY: Final = "EUR"
_LARGEST_AMOUNT: Final = Decimal("999999999.99")
_LONGEST_NAME: Final = 70


@dataclass(frozen=True)
class BankTransfer:
    """The shop's account, and what the customer writes on the transfer."""

    account_holder: str
    iban: str
    bic: str
    reference: str
    amount: Decimal
    currency: str

    @property
    def printed_iban(self) -> str:
        """Return the IBAN in groups of four, as people read it."""
        return " ".join(self.iban[start : start + 4] for start in range(0, len(self.iban), 4))

    @property
    def qr_text(self) -> str:
        """Return what the QR code says, by EPC069-12 version 002; empty where it cannot be used."""
        if self.currency != _CURRENCY or not 0 < self.amount <= _LARGEST_AMOUNT:
            return ""
        amount = f"{_CURRENCY}{self.amount:.2f}"
        name = self.account_holder[:_LONGEST_NAME]
        lines = ("BCD", "002", "1", "SCT", self.bic, name, self.iban, amount, "", "")
        return "\n".join((*lines, self.reference))

    def qr_svg(self) -> str:
        """Return the QR code as an address of the kind ``data:``; empty where there is none."""
        return _code(self.qr_text).svg_data_uri(scale=4) if self.qr_text else ""

    def qr_png(self) -> bytes:
        """Return the QR code as a picture; empty where there is none."""
        picture = BytesIO()
        if self.qr_text:
            _code(self.qr_text).save(picture, kind="png", scale=5)
        return picture.getvalue()


def transfer_for(order: Order, amount: Decimal) -> BankTransfer | None:
    """Return how to transfer ``amount`` for an order; None where the shop names no account."""
    if not settings.BANK_IBAN:
        return None
    return BankTransfer(
        account_holder=settings.BANK_ACCOUNT_HOLDER,
        iban=settings.BANK_IBAN,
        bic=settings.BANK_BIC,
        reference=order.number,
        amount=quantize(amount, order.currency),
        currency=order.currency,
    )


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", boost_error=False, micro=False)
