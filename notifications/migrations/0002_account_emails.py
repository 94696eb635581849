import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="outgoingemail",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("verification", "Verification"),
                    ("new_address", "New Address"),
                    ("reset", "Reset"),
                ],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="outgoingemail",
            name="user",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="outgoingemail",
            name="text",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddConstraint(
            model_name="outgoingemail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", ""),
                    models.Q(("html", ""), ("text", ""), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="email_with_link_is_not_stored",
            ),
        ),
    ]
