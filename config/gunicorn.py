"""The production web server: ``gunicorn --config config/gunicorn.py``.

gunicorn's own variables override these: WEB_CONCURRENCY, and GUNICORN_CMD_ARGS for the rest.
"""

import os
from pathlib import Path

from config.parent_death import end_with_parent

wsgi_app = "config.wsgi"
worker_class = "gthread"
workers = 2
threads = 4
# Imported once: a worker that dies is replaced in milliseconds.
preload_app = True
# A proxy or browser keeps its connection a little longer than most pauses between requests.
keepalive = 20
graceful_timeout = 10
# Heartbeats go to memory: a slow disk must not look like a hanging worker.
memory = Path("/dev/shm")  # noqa: S108 - gunicorn makes unguessable names in it
worker_tmp_dir = str(memory) if memory.is_dir() else None
control_socket_disable = True
# Django alone decides whether a forwarded scheme is believed, by TRUSTED_PROXIES.
secure_scheme_headers: dict[str, str] = {}


def post_fork(_server: object, _worker: object) -> None:
    """Let no worker outlive a killed server and keep its port."""
    end_with_parent(os.getppid())
