from django.db import migrations

RENAME = """
    UPDATE procrastinate_jobs
    SET args = jsonb_set(args, '{{handler}}', '"orders.tasks.{new}"')
    WHERE args ->> 'handler' = 'orders.tasks.{old}';
    UPDATE core_eventdelivery SET handler = 'orders.tasks.{new}'
    WHERE handler = 'orders.tasks.{old}';
"""

RENAME_JOB = """
    UPDATE procrastinate_jobs
    SET task_name = 'orders.tasks.{new}', queueing_lock = '{new}'
    WHERE task_name = 'orders.tasks.{old}' AND status = 'todo';
"""


class Migration(migrations.Migration):
    """Let events and jobs that wait for an old name find their function by the new one."""

    dependencies = [
        ("orders", "0005_returns_by_line"),
        ("core", "0003_jobs_by_index"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            RENAME.format(old="forget_person", new="anonymise_orders"),
            RENAME.format(old="anonymise_orders", new="forget_person"),
        ),
        migrations.RunSQL(
            RENAME_JOB.format(old="forget_those_who_left", new="anonymise_closed_orders"),
            RENAME_JOB.format(old="anonymise_closed_orders", new="forget_those_who_left"),
        ),
    ]
