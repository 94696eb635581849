"""Lets the worker find its next job at the same cost however many wait.

PostgreSQL keeps the plan that it makes at a worker's first calls. In a young shop the whole queue
is one page then, so the plan reads all jobs, compares each with each and sorts them: 20 ms for
each job as soon as 500 wait. Without reading whole tables and sorting, it walks the index of
waiting jobs to the first one: 0.5 ms.
"""

from django.db import migrations

FUNCTION = "procrastinate_fetch_job_v2(character varying[], bigint)"


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_money_text"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            f"ALTER FUNCTION {FUNCTION} SET enable_seqscan = off SET enable_sort = off",
            f"ALTER FUNCTION {FUNCTION} RESET enable_seqscan RESET enable_sort",
        ),
    ]
