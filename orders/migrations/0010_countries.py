from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_drafts")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="country",
            field=models.CharField(blank=True, db_default="", default="", max_length=2),
        ),
    ]
