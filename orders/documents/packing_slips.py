"""Packing slips: what goes into the parcel and where it lies; no prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings

from core.shop_days import day_of, local
from orders.address_labels import address_lines
from orders.documents.sheets import Column, Sheet, Table
from orders.models import Order
from orders.pick_list import PickListEntry

_LINES: Final = (
    Column("Product", 38),
    Column("SKU", 18),
    Column("Take from", 22),
    Column("Ordered", 11, is_figure=True),
    Column("To pack", 11, is_figure=True),
)


def packing_slip(
    order: Order, pick_list: Mapping[UUID, Sequence[PickListEntry]], now: datetime
) -> Sheet:
    """Return what a packing slip says: every line that is sent, with what is left to pack."""
    facts = [
        ("Order", order.number),
        ("Ordered", str(day_of(order.placed_at))),
        ("Status", order.status),
        ("Delivery", order.shipping_method_name),
        ("Printed", f"{local(now):%Y-%m-%d %H:%M %Z}"),
    ]
    rows = []
    for line in order.loaded_lines:
        if line.is_digital:
            continue
        options = ", ".join(f"{name}: {value}" for name, value in line.options.items())
        entries = pick_list.get(line.pk, ())
        rows.append(
            [
                "\n".join(filter(None, (line.product_name, options))),
                line.sku,
                "\n".join(f"{entry.units} × {entry.location}" for entry in entries),
                str(line.quantity),
                str(sum(entry.units for entry in entries)),
            ]
        )
    phone_number = str((order.shipping_address or {}).get("phone_number", ""))
    return Sheet(
        title="Packing slip",
        caption=f"{settings.SHOP_NAME} · order {order.number}",
        sender=[line for line in (settings.SHOP_NAME, *settings.SHOP_ADDRESS) if line],
        facts=facts,
        addresses=[("Ship to", [*address_lines(order.shipping_address), phone_number])],
        table=Table(_LINES, rows),
        notes=[f"Note of the customer: {order.customer_note}"] if order.customer_note else [],
        dated=now,
    )
