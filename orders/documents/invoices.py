"""Invoices, with the tax for each rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from core.money import quantize
from core.shop_days import day_of
from orders.address_labels import address_lines
from orders.documents.sheets import Column, Sheet, Table
from orders.models import Invoice, Order, OrderLine

_LINES: Final = (
    Column("Description", 42),
    Column("Quantity", 12, is_figure=True),
    Column("Unit price", 14, is_figure=True),
    Column("Discount", 12, is_figure=True),
    Column("Tax", 8, is_figure=True),
    Column("Amount", 14, is_figure=True),
)
_RATES: Final = (
    Column("Rate", 25, is_figure=True),
    Column("Net", 25, is_figure=True),
    Column("Tax", 25, is_figure=True),
    Column("Gross", 25, is_figure=True),
)
_ZERO: Final = Decimal(0)


def invoice_sheet(invoice: Invoice, order: Order) -> Sheet:
    """Return what an invoice says."""
    seller = invoice.seller
    tax_number = f"Tax number {seller['tax_number']}" if seller["tax_number"] else ""
    facts = [
        ("Invoice", invoice.number),
        ("Date", str(day_of(invoice.issued_at))),
        ("Order", order.number),
        ("Ordered", str(day_of(order.placed_at))),
        ("Paid", str(day_of(order.paid_at)) if order.paid_at else ""),
        ("Currency", order.currency),
    ]
    rates = [
        [percent(rate), *(_money(amount, order.currency) for amount in (net, tax, net + tax))]
        for rate, (net, tax) in tax_by_rate(order).items()
    ]
    return Sheet(
        title="Invoice",
        caption=f"{seller['name']} · invoice {invoice.number}",
        sender=[line for line in (seller["name"], *seller["address"], tax_number) if line],
        facts=facts,
        addresses=[
            ("Bill to", [*address_lines(order.billing_address), order.email]),
            ("Ship to", address_lines(order.shipping_address)),
        ],
        table=Table(_LINES, [_line(line, order.currency) for line in order.loaded_lines]),
        sums=list(_sums(order)),
        more_tables=[Table(_RATES, rates, title=f"Tax in {order.currency}")],
        notes=[seller["note"]] if seller["note"] else [],
        dated=invoice.issued_at,
    )


def tax_by_rate(order: Order) -> dict[Decimal, tuple[Decimal, Decimal]]:
    """Return net and tax, in the order's currency, for each rate, delivery included.

    Whether prices include tax or not, all nets and taxes sum to the order's total.
    """
    sums: dict[Decimal, list[Decimal]] = defaultdict(lambda: [_ZERO, _ZERO])
    for line in order.loaded_lines:
        sums[line.tax_rate][0] += line.line_total - line.tax_amount
        sums[line.tax_rate][1] += line.tax_amount
    if order.shipping_total:
        included = order.shipping_tax_amount if order.prices_include_tax else _ZERO
        sums[order.shipping_tax_rate][0] += order.shipping_total - included
        sums[order.shipping_tax_rate][1] += order.shipping_tax_amount
    return {rate: (net, tax) for rate, (net, tax) in sorted(sums.items())}


def _line(line: OrderLine, currency: str) -> list[str]:
    options = ", ".join(f"{name}: {value}" for name, value in line.options.items())
    return [
        "\n".join(filter(None, (line.product_name, options, line.sku))),
        str(line.quantity),
        _money(line.unit_price, currency),
        _money(-line.line_discount, currency) if line.line_discount else "",
        percent(line.tax_rate),
        _money(line.unit_price * line.quantity - line.line_discount, currency),
    ]


def _sums(order: Order) -> Iterator[tuple[str, str]]:
    """Yield what leads to the total, the total last."""
    codes = f" ({', '.join(order.coupons)})" if order.coupons else ""
    rate = f", {percent(order.shipping_tax_rate)} tax" if order.shipping_tax_rate else ""
    delivery = f"Delivery ({order.shipping_method_name}{rate})"
    rows = [
        ("Subtotal", order.subtotal, True),
        (f"Discounts{codes}", -order.discount_total, bool(order.discount_total)),
        (delivery, order.shipping_total, bool(order.shipping_method_name)),
        ("Tax included" if order.prices_include_tax else "Tax", order.tax_total, True),
        (f"Total {order.currency}", order.total, True),
    ]
    yield from (
        (label, _money(amount, order.currency)) for label, amount, is_shown in rows if is_shown
    )


def percent(rate: Decimal) -> str:
    """Return a rate such as ``19%`` or ``6.25%``."""
    return f"{(rate * 100).normalize():f}%"


def _money(amount: Decimal, currency: str) -> str:
    return f"{quantize(amount, currency):,f}"
