"""Django's PostgreSQL backend with a check of reused connections that costs no query."""
