from payments.admin import payments, providers, reports, webhooks

__all__ = ["payments", "providers", "reports", "webhooks"]
