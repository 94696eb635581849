"""What follows the products is of the app ``listings``, which keeps the tables."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0020_tree_constraints"), ("listings", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("CatalogVersion"),
                migrations.DeleteModel("Word"),
                migrations.DeleteModel("WordChange"),
            ],
        ),
    ]
