"""The menu of the backoffice, by what staff do rather than by app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy


def _page(title: str, icon: str, app: str, model: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_changelist"),
        "permission": _may_view(f"{app}.view_{model}"),
    }


def _may_view(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: bool(request.user.has_perm(permission))


def _group(title: str, *pages: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "items": list(pages)}


MENU: list[dict[str, Any]] = [
    _group(
        "Sales",
        _page("Orders", "receipt_long", "orders", "order"),
        _page("Invoices", "request_quote", "orders", "invoice"),
        _page("Returns", "assignment_return", "orders", "return"),
        _page("Payments", "payments", "payments", "payment"),
        _page("Reconciliation", "balance", "payments", "dayreport"),
        _page("Carts", "shopping_cart", "cart", "cart"),
        _page("Coupons", "redeem", "pricing", "coupon"),
        _page("E-mails", "mail", "notifications", "outgoingemail"),
    ),
    _group(
        "Catalog",
        _page("Products", "menu_book", "catalog", "product"),
        _page("Categories", "account_tree", "catalog", "category"),
        _page("Brands", "sell", "catalog", "brand"),
        _page("Vendors", "storefront", "catalog", "vendor"),
        _page("Attributes", "tune", "catalog", "attributedefinition"),
        _page("Imports", "upload_file", "imports", "importjob"),
    ),
    _group(
        "Inventory",
        _page("Stock", "inventory_2", "inventory", "stockitem"),
        _page("Movements", "swap_vert", "inventory", "stockmovement"),
        _page("Reservations", "bookmark", "inventory", "reservation"),
        _page("Back-orders", "pending_actions", "inventory", "backorderrule"),
        _page("Transfers", "move_down", "inventory", "transfer"),
        _page("Stock-taking", "fact_check", "inventory", "stockcount"),
        _page("Locations", "warehouse", "inventory", "location"),
    ),
    _group(
        "People",
        _page("Users", "group", "accounts", "user"),
        _page("Sessions", "devices", "accounts", "session"),
        _page("Activities", "history", "accounts", "activity"),
        _page("Roles", "badge", "auth", "group"),
        _page("API keys", "key", "accounts", "apikey"),
    ),
    _group(
        "Set-up",
        _page("Shipping zones", "public", "shipping", "shippingzone"),
        _page("Shipping methods", "local_shipping", "shipping", "shippingmethod"),
        _page("Tax rates", "percent", "pricing", "taxrate"),
        _page("Price lists", "price_change", "pricing", "pricelist"),
        _page("Customer groups", "groups", "pricing", "customergroup"),
    ),
    _group(
        "System",
        _page("Jobs", "work_history", "procrastinate", "procrastinatejob"),
        _page("Webhooks received", "webhook", "payments", "webhookevent"),
        _page("Test charges", "science", "payments", "simulatedoperation"),
    ),
]
