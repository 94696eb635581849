from django.db import migrations

HANDLERS = {
    "accounts.tasks.welcome": "notifications.tasks.send_verification",
    "accounts.tasks.send_verification_again": "notifications.tasks.resend_verification",
    "accounts.tasks.confirm_new_address": "notifications.tasks.send_email_change",
    "accounts.tasks.send_reset": "notifications.tasks.send_password_reset",
    "accounts.tasks.tell_of_new_password": "notifications.tasks.send_password_changed",
    "notifications.tasks.confirm_order": "notifications.tasks.send_order_placed",
    "notifications.tasks.confirm_payment": "notifications.tasks.send_order_paid",
    "notifications.tasks.announce_parcel": "notifications.tasks.send_order_shipped",
    "notifications.tasks.tell_of_arrival": "notifications.tasks.send_order_delivered",
    "notifications.tasks.tell_of_cancellation": "notifications.tasks.send_order_cancelled",
    "notifications.tasks.tell_of_refund": "notifications.tasks.send_order_refunded",
    "notifications.tasks.tell_of_approved_return": "notifications.tasks.send_return_approved",
    "notifications.tasks.tell_of_rejected_return": "notifications.tasks.send_return_rejected",
    "notifications.tasks.tell_of_return": "notifications.tasks.send_return_received",
    "notifications.tasks.tell_who_keeps_stock": "notifications.tasks.send_stock_low",
    "notifications.tasks.forget_letters": "notifications.tasks.anonymise_emails",
}


RENAME = """
    UPDATE procrastinate_jobs SET args = jsonb_set(args, '{{handler}}', '"{new}"')
    WHERE args ->> 'handler' = '{old}';
    UPDATE core_eventdelivery SET handler = '{new}' WHERE handler = '{old}';
"""


class Migration(migrations.Migration):
    """Let events that wait for the handlers' old names find them by the new ones."""

    dependencies = [
        ("notifications", "0003_emails_by_user"),
        ("core", "0003_jobs_by_index"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(RENAME.format(old=old, new=new), RENAME.format(old=new, new=old))
        for old, new in HANDLERS.items()
    ]
