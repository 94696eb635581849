"""The sign-ins of the demo shop. They exist only there."""

PASSWORD = "tradepost-demo"  # noqa: S105 - printed for everyone to use
SIGN_INS = {
    "admin@example.com": "superuser",
    "catalog@example.com": "catalog manager",
    "orders@example.com": "order manager",
    "support@example.com": "support",
    "manager@example.com": "branch manager",
    "sales@example.com": "sales representative",
    "seller@example.com": "seller",
    "customer@example.com": "customer with an address and past orders",
}
