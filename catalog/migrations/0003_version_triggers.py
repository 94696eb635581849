"""The catalog version changes with every commit that changes what the public sees.

The triggers are deferred to the commit, so that the one row is locked last and for a moment, and
write it once in a transaction. Late stock figures and units sold do not count as a change.
"""

from django.db import migrations

IGNORED = {"stock_quantity", "units_sold", "updated_at", "search_document", "search_name"}
TABLES = {
    "catalog_category": ("name slug parent_id description image lft rght tree_id level deleted_at"),
    "catalog_brand": "name slug description deleted_at",
    "catalog_product": (
        "name slug description category_id brand_id tax_class attributes is_active is_featured "
        "price compare_at_price currency in_stock rating_average review_count deleted_at"
    ),
    "catalog_productvariant": (
        "product_id sku name options price compare_at_price cost_price currency barcode "
        "weight_grams is_digital position in_stock deleted_at"
    ),
    "catalog_productimage": "product_id image width height thumbnails alt position deleted_at",
}

FUNCTION = """
CREATE FUNCTION catalog_change_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('tradepost.catalog_is_changed', true) IS DISTINCT FROM 'yes' THEN
    PERFORM set_config('tradepost.catalog_is_changed', 'yes', true);
    INSERT INTO catalog_catalogversion (id, version) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET version = excluded.version;
  END IF;
  RETURN NULL;
END $$
"""


def _row(name: str, columns: str) -> str:
    return ", ".join(f"{name}.{column}" for column in columns.split())


def _create(table: str, columns: str) -> str:
    return f"""
CREATE CONSTRAINT TRIGGER version_of_rows
  AFTER INSERT OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION catalog_change_version();
CREATE CONSTRAINT TRIGGER version_of_columns
  AFTER UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (({_row("OLD", columns)}) IS DISTINCT FROM ({_row("NEW", columns)}))
  EXECUTE FUNCTION catalog_change_version();
"""


def _drop(table: str) -> str:
    return f"DROP TRIGGER version_of_columns ON {table}; DROP TRIGGER version_of_rows ON {table};"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_text_search")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION catalog_change_version()"),
        *(
            migrations.RunSQL(_create(table, columns), _drop(table))
            for table, columns in TABLES.items()
        ),
    ]
