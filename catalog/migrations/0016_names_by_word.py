"""Names of categories and brands are suggested by a beginning of any of their words."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def by_word(name: str) -> GinIndex:
    folded = models.Func(models.F("name"), function="catalog_fold")
    words = models.Func(models.Value(" "), folded, template="(%(expressions)s)", arg_joiner=" || ")
    return GinIndex(
        OpClass(words, "gin_trgm_ops"),
        fastupdate=False,
        condition=models.Q(("deleted_at", None)),
        name=name,
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("catalog", "0015_version_of_edits")]

    operations = [
        AddIndexConcurrently(model_name="brand", index=by_word("brand_by_word")),
        AddIndexConcurrently(model_name="category", index=by_word("category_by_word")),
        AddIndexConcurrently(
            model_name="category",
            index=models.Index(fields=["tree_id", "lft"], name="catalog_category_tree_id_lc185"),
        ),
    ]
