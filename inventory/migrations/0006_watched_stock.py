"""The index of what is watched for running low."""

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("inventory", "0005_transfers_and_counts")]
    operations: ClassVar = [
        AddIndexConcurrently(
            model_name="stockitem",
            index=models.Index(
                condition=models.Q(("is_low", True), ("reorder_point__gt", 0), _connector="OR"),
                fields=["id"],
                name="stock_item_watched",
            ),
        )
    ]
