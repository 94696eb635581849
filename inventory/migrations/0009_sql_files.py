"""Functions and triggers are read in ``inventory/database``; they do what they did."""

from django.db import migrations

from core.sql_files import run_files


class Migration(migrations.Migration):
    dependencies = [("inventory", "0008_imports_leave")]

    operations = [
        *run_files(
            "inventory",
            "inventory_refuse_to_rewrite_ledger",
            "stock_movement_is_append_only",
            "uuid_v7",
        )
    ]
