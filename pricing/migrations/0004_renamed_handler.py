from django.db import migrations

RENAME = """
    UPDATE procrastinate_jobs
    SET args = jsonb_set(args, '{{handler}}', '"pricing.tasks.{new}"')
    WHERE args ->> 'handler' = 'pricing.tasks.{old}';
    UPDATE core_eventdelivery SET handler = 'pricing.tasks.{new}'
    WHERE handler = 'pricing.tasks.{old}';
"""


class Migration(migrations.Migration):
    """Let events that wait for the handler's old name find it by the new one."""

    dependencies = [
        ("pricing", "0003_price_lists"),
        ("core", "0003_jobs_by_index"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            RENAME.format(old="forget_person", new="anonymise_coupon_uses"),
            RENAME.format(old="anonymise_coupon_uses", new="forget_person"),
        )
    ]
