from django.db import migrations

RENAME = """
    UPDATE procrastinate_jobs
    SET args = jsonb_set(args, '{{handler}}', '"payments.tasks.{new}"')
    WHERE args ->> 'handler' = 'payments.tasks.{old}';
    UPDATE core_eventdelivery SET handler = 'payments.tasks.{new}'
    WHERE handler = 'payments.tasks.{old}';
"""


class Migration(migrations.Migration):
    """Let events that wait for the handler's old name find it by the new one."""

    dependencies = [
        ("payments", "0008_refund_lines"),
        ("core", "0003_jobs_by_index"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            RENAME.format(old="give_back_money", new="refund_cancelled_order"),
            RENAME.format(old="refund_cancelled_order", new="give_back_money"),
        )
    ]
