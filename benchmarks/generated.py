"""Products out of thin air, where there is no file of real ones or more are asked for."""

from __future__ import annotations

from django.db import connection

from catalog.models import Category

CATEGORY = "Generated"

# Names repeat words as real ones do: some are in a tenth of all, some in a thousandth.
_PRODUCTS = """
INSERT INTO catalog_product (
    id, created_at, updated_at, name, slug, description, category_id, tax_class, attributes,
    is_active, is_featured, price, currency, in_stock, stock_quantity, rating_average,
    review_count, units_sold, search_name
)
SELECT uuid_v7(), now(), now(),
       format('The %%s %%s of %%s, volume %%s',
              (ARRAY['Silent','Burning','Hidden','Last','Golden','Broken','Distant','Second',
                     'Winter','Crimson'])[1 + n %% 10],
              (ARRAY['River','Garden','Letter','House','Mirror','Voyage','Song','Map','Tower',
                     'Harbour','Lantern'])[1 + n %% 11],
              (ARRAY['Lisbon','Kyoto','Samarkand','Tromso','Valparaiso','Timbuktu','Galway'])
                     [1 + n %% 7] || ' ' || n %% 1000,
              n),
       format('generated-%%s', n), 'Generated for the benchmark.', %s, 'standard',
       jsonb_build_object('year', 1900 + n %% 120), true, n %% 50 = 0,
       5 + (n * 37 %% 4500) / 100.0, 'USD', false, 0, 0, 0, 0, ''
FROM generate_series(1, %s) AS n
"""

_VARIANTS = """
INSERT INTO catalog_productvariant (
    id, created_at, updated_at, product_id, sku, name, options, price, currency, barcode,
    weight_grams, is_digital, position, in_stock, stock_quantity
)
SELECT uuid_v7(), now(), now(), id, slug, '', '{}', price, currency, '', 350, false, 0, false, 0
FROM catalog_product WHERE category_id = %s
"""


def generate_products(count: int) -> None:
    """Insert so many active products with one variant each, and no stock yet."""
    category = Category.objects.create(name=CATEGORY, slug="generated")
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS, [category.pk, count])
        cursor.execute(_VARIANTS, [category.pk])
