"""Orders in the backoffice."""

from orders.admin import invoices, orders, people, returns

__all__ = ["invoices", "orders", "people", "returns"]
