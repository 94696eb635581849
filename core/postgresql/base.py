"""The database engine ``core.postgresql``."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Tells whether a kept connection still works by looking at its socket.

    Django asks the server (``SELECT 1``) at the start of each request. A server that has gone
    away or restarted has closed its end, which the socket shows at once and for nothing. A
    message that nobody asked for looks the same and costs a new connection, no more.
    """

    def is_usable(self) -> bool:
        """Tell whether the connection is open and nothing waits to be read from it."""
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN | select.POLLERR | select.POLLHUP)
        return not poll.poll(0)
