"""An import whose worker is killed: begun again, it leaves what one run would have left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import quote

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app as jobs
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory
from catalog.models import Brand, Category, PriceChange, Product, ProductVariant
from core.audit import discrepancies
from core.tasks import retry_stalled_jobs
from core.tests.waiting import PATIENCE_SECONDS, wait_until
from imports.models import ImportChunk, ImportJob
from imports.tests.importing import send
from inventory.models import StockMovement

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROWS: Final = 8_000


def worker() -> subprocess.Popen[bytes]:
    """Start a worker that takes what waits and ends, as the shop's own does."""
    where = connection.settings_dict
    password = f":{quote(where['PASSWORD'])}" if where.get("PASSWORD") else ""
    port = f":{where['PORT']}" if where.get("PORT") else ""
    address = f"{where['USER']}{password}@{quote(where['HOST'], safe='')}{port}/{where['NAME']}"
    return subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker", "--one-shot", "-q", "imports"],
        cwd=Path(settings.BASE_DIR),
        env={
            **os.environ,
            "DATABASE_URL": f"postgresql://{address}",
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        },
    )


def a_minute_passes() -> None:
    """Let the killed worker have been silent for so long that its jobs are given to others."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 min'")
    context: Any = SimpleNamespace(app=jobs)
    async_to_sync(retry_stalled_jobs.func)(context, timestamp=0)


def test_leaves_what_one_run_leaves(api_for: Callable[[User], APIClient]) -> None:
    client = api_for(StaffFactory.create(role="Catalog manager"))
    header = "sku,name,price,stock_quantity,category,brand\n"
    rows = (f"S{n},Mug {n},9.90,5,Kitchen > Cups,Acme {n % 7}\n" for n in range(ROWS))
    address = send(client, header + "".join(rows))["Location"]

    with worker() as killed:
        wait_until(lambda: ImportJob.objects.filter(rows_read__gt=0).exists())
        killed.kill()
    assert ImportJob.objects.get().status == "running"
    assert not Product.objects.exists()
    a_minute_passes()
    with worker() as second:
        assert second.wait(PATIENCE_SECONDS) == 0

    job: dict[str, Any] = client.get(address).json()
    assert (job["status"], job["created"], job["refused"]) == ("succeeded", ROWS, 0)
    for model in (Product, ProductVariant, PriceChange, StockMovement):
        assert model._default_manager.count() == ROWS, model
    assert (Category.objects.count(), Brand.objects.count()) == (2, 7)
    assert not ImportChunk.objects.exists()
    assert discrepancies() == []
