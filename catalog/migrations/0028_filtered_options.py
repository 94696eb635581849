"""Options are filtered by, and products ordered by their name without case and accents."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("catalog", "0027_skus_in_any_form")]

    operations = [
        RemoveIndexConcurrently(model_name="product", name="product_by_name"),
        AddIndexConcurrently(
            model_name="product",
            index=models.Index(
                fields=["search_name", "id"],
                condition=models.Q(("deleted_at", None), ("is_active", True)),
                name="product_by_name",
            ),
        ),
        AddIndexConcurrently(
            model_name="productvariant",
            index=GinIndex(
                fields=["options"], opclasses=["jsonb_path_ops"], name="variant_options"
            ),
        ),
        AddIndexConcurrently(
            model_name="productvariant",
            index=models.Index(
                fields=["product"],
                condition=models.Q(("deleted_at", None), models.Q(("options", {}), _negated=True)),
                name="variants_with_options",
            ),
        ),
    ]
