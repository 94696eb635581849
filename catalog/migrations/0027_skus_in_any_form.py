"""No two living SKUs that differ in case or Unicode form only: an index, made without a lock.

``0023_shapes_and_skus`` has told those apart that were there.
"""

from django.db import migrations, models
from django.db.models.functions import Upper

INDEX = "variant_sku_is_unique_in_any_form"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("catalog", "0026_options_are_texts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"""
                    CREATE UNIQUE INDEX CONCURRENTLY "{INDEX}"
                    ON catalog_productvariant (upper(normalize(sku, NFKC)))
                    WHERE deleted_at IS NULL""",
                    f'DROP INDEX CONCURRENTLY IF EXISTS "{INDEX}"',
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="productvariant",
                    constraint=models.UniqueConstraint(
                        Upper(
                            models.Func(
                                models.F("sku"),
                                function="normalize",
                                template="%(function)s(%(expressions)s, NFKC)",
                            )
                        ),
                        condition=models.Q(("deleted_at", None)),
                        name=INDEX,
                    ),
                )
            ],
        )
    ]
