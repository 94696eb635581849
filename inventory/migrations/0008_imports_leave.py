"""Imports are an app of their own, ``imports``, which keeps their tables."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0007_backorders"), ("imports", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("ImportChunk"),
                migrations.DeleteModel("ImportRefusal"),
                migrations.DeleteModel("ImportJob"),
                migrations.DeleteModel("ImportMapping"),
            ],
        ),
    ]
