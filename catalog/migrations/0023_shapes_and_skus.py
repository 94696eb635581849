"""Bring into shape what constraints are about to ask for.

Of living variants whose SKUs differ in case or Unicode form alone, the later ones get a number
behind theirs. Options and attributes that are no members by name become a member ``value``.
"""

from django.db import migrations

SKUS = """
    UPDATE catalog_productvariant AS variant
    SET sku = left(variant.sku, 55) || '-' || right(variant.id::text, 8), updated_at = now()
    FROM (SELECT id, row_number() OVER (
                 PARTITION BY upper(normalize(sku, NFKC)) ORDER BY created_at, id) AS place
          FROM catalog_productvariant WHERE deleted_at IS NULL) AS numbered
    WHERE numbered.id = variant.id AND numbered.place > 1
"""
OPTIONS = """
    UPDATE catalog_productvariant SET updated_at = now(), options = CASE
        WHEN options IN ('null', '[]') THEN '{}'
        WHEN jsonb_typeof(options) <> 'object'
        THEN jsonb_build_object('value', options #>> '{}')
        ELSE (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each_text(options)
              WHERE value IS NOT NULL)
        END
    WHERE jsonb_typeof(options) <> 'object' OR options @? '$.* ? (@.type() != "string")'
"""
ATTRIBUTES = """
    UPDATE catalog_product SET updated_at = now(), attributes = CASE
        WHEN attributes IN ('null', '[]') THEN '{}'
        ELSE jsonb_build_object('value', attributes) END
    WHERE jsonb_typeof(attributes) <> 'object'
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0022_sql_files")]

    operations = [
        migrations.RunSQL(statement, migrations.RunSQL.noop)
        for statement in (SKUS, OPTIONS, ATTRIBUTES)
    ]
