"""Functions and triggers are read in ``payments/database``; they do what they did."""

from django.db import migrations

from core.sql_files import run_files


class Migration(migrations.Migration):
    dependencies = [("payments", "0009_renamed_handler")]

    operations = [
        *run_files(
            "payments",
            "payments_refuse_to_rewrite_transaction",
            "transaction_is_append_only",
        )
    ]
