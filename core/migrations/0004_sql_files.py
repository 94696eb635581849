"""Functions are read in ``core/database``; what they do stays as it was."""

from django.db import migrations

from core.sql_files import run_files


class Migration(migrations.Migration):
    dependencies = [("core", "0003_jobs_by_index")]

    operations = [
        *run_files(
            "core",
            "money_text",
        )
    ]
