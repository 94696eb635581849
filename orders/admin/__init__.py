from orders.admin import customers, invoices, orders, returns

__all__ = ["customers", "invoices", "orders", "returns"]
