"""Options of variants are searched; C++, C# and Chinese titles are found as people type them.

What was written by the rules of before is written anew: only rows that these change.
"""

from django.db import migrations

from core.sql_files import run_files

_CHANGED = r"""
    UPDATE catalog_product SET name = name
    FROM (VALUES ('[a-z](\+\+|#)|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]')) AS letters (pattern)
    WHERE id IN (
        SELECT product_id FROM catalog_productvariant
        WHERE options <> '{}' OR sku ~* pattern OR barcode ~* pattern)
       OR brand_id IN (SELECT id FROM catalog_brand WHERE name ~* pattern)
       OR name ~* pattern OR description ~* pattern OR attributes::text ~* pattern
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0028_filtered_options")]

    operations = [
        *run_files(
            "catalog",
            "catalog_fold",
            "catalog_codes",
            "catalog_add_codes_of_variants",
            "search_of_variant",
        ),
        migrations.RunSQL(_CHANGED, migrations.RunSQL.noop),
        migrations.RunSQL(
            ["REINDEX INDEX brand_by_word", "REINDEX INDEX category_by_word"],
            migrations.RunSQL.noop,
        ),
    ]
