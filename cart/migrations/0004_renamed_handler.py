from django.db import migrations

RENAME = """
    UPDATE procrastinate_jobs
    SET args = jsonb_set(args, '{{handler}}', '"cart.tasks.{new}"')
    WHERE args ->> 'handler' = 'cart.tasks.{old}';
    UPDATE core_eventdelivery SET handler = 'cart.tasks.{new}'
    WHERE handler = 'cart.tasks.{old}';
"""


class Migration(migrations.Migration):
    """Let events that wait for the handler's old name find it by the new one."""

    dependencies = [
        ("cart", "0003_saved_items"),
        ("core", "0003_jobs_by_index"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            RENAME.format(old="forget_person", new="anonymise_carts"),
            RENAME.format(old="anonymise_carts", new="forget_person"),
        )
    ]
