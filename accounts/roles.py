"""The shop's roles: who may do what, as Django permissions.

This table is the decision; ``services.roles.sync_roles`` writes it into the groups after every
``migrate``. A shop that wants other powers makes groups of its own beside these.
"""

from enum import StrEnum
from fnmatch import fnmatchcase


class Role(StrEnum):
    """The name of a group that comes with the shop."""

    ADMINISTRATOR = "Administrator"
    CATALOG_MANAGER = "Catalog manager"
    ORDER_MANAGER = "Order manager"
    SUPPORT = "Support"
    BRANCH_MANAGER = "Branch manager"
    SALES_REPRESENTATIVE = "Sales representative"
    SELLER = "Seller"


# Patterns over ``app.codename``; a role has every permission that one of its patterns matches.
PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.ADMINISTRATOR: ("*",),
    Role.CATALOG_MANAGER: (
        "catalog.*",
        "inventory.*",
        "imports.*",
        "pricing.*_coupon",
        "pricing.*_customergroup",
        "pricing.*_listprice",
        "pricing.*_pricelist",
        "pricing.view_*",
        "shipping.view_*",
    ),
    Role.ORDER_MANAGER: (
        "orders.*",
        "payments.*",
        "accounts.view_address",
        "accounts.view_profile",
        "accounts.view_user",
        "cart.view_*",
        "catalog.view_*",
        "inventory.sell_*",
        "inventory.view_*",
        "imports.view_*",
        "pricing.view_*",
        "shipping.view_*",
    ),
    Role.SUPPORT: (
        "accounts.view_activity",
        "accounts.view_address",
        "accounts.view_profile",
        "accounts.view_session",
        "accounts.view_user",
        "cart.view_*",
        "catalog.view_*",
        "inventory.view_*",
        "imports.view_*",
        "orders.view_*",
        "payments.view_*",
        "shipping.view_*",
    ),
    Role.BRANCH_MANAGER: (
        "catalog.view_*",
        "inventory.sell_*",
        "inventory.view_*",
        "imports.view_*",
        "inventory.*_stockmovement",
        "sales.*",
    ),
    Role.SALES_REPRESENTATIVE: (
        "catalog.view_*",
        "inventory.sell_*",
        "inventory.view_*",
        "imports.view_*",
        "sales.add_*",
        "sales.view_*",
    ),
    # Of products, those of the vendors that they sell for: ``listings.api.views.sellers``.
    Role.SELLER: ("catalog.view_*", "catalog.sell_*"),
}


def role_grants(role: Role, permission: str) -> bool:
    """Whether ``role`` carries ``permission`` (``app.codename``)."""
    return any(fnmatchcase(permission, pattern) for pattern in PERMISSIONS[role])
