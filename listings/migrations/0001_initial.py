"""Takes the catalog's version and vocabulary over: their tables stay where they are."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("catalog", "0017_vendors")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="CatalogVersion",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.UUIDField()),
                    ],
                    options={
                        "db_table": "catalog_catalogversion",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="catalog_has_one_version"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Word",
                    fields=[
                        ("word", models.TextField(primary_key=True, serialize=False)),
                        ("documents", models.IntegerField()),
                    ],
                    options={
                        "db_table": "catalog_word",
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fastupdate=False,
                                fields=["word"],
                                name="word_by_trigrams",
                                opclasses=["gin_trgm_ops"],
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WordChange",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("word", models.TextField()),
                        ("documents", models.IntegerField()),
                    ],
                    options={"db_table": "catalog_wordchange"},
                ),
            ],
        ),
    ]
