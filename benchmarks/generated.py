"""Products out of thin air, where there is no file of real ones or more are asked for."""

from __future__ import annotations

from django.db import connection
from psycopg import sql

from catalog.models import Category

CATEGORY = "Generated"

# Names repeat words as real ones do: how often a word comes is the inverse of its rank (Zipf), and
# there are more of them the more names there are (Heaps). Of a million products, the most frequent
# word is in a fifth, every second one of 120,000 in ten or fewer.
_MOST_WORDS, _GROWTH = 30, 0.6
_SYLLABLES = " ".join(consonant + vowel for consonant in "bdfklmnrst" for vowel in "aeiou")
_WORD = sql.SQL("""
CREATE FUNCTION pg_temp.word(rank bigint) RETURNS text LANGUAGE sql AS $$
  SELECT initcap(part[1 + h % 50] || part[1 + h / 50 % 50]
                 || part[1 + h / 2500 % 50] || part[1 + h / 125000 % 50])
  FROM (SELECT rank * 7919 % 6250000 AS h,
               string_to_array({syllables}, ' ') AS part) AS spelt
$$
""").format(syllables=_SYLLABLES)

_PRODUCTS = """
INSERT INTO catalog_product (
    id, created_at, updated_at, name, slug, description, category_id, tax_class, attributes,
    is_active, is_featured, price, currency, in_stock, stock_quantity, rating_average,
    review_count, units_sold, search_name
)
SELECT uuid_v7(), now(), now(),
       format('The %%s %%s of %%s, volume %%s', pg_temp.word(floor(power(%s, random()))::bigint),
              pg_temp.word(floor(power(%s, random()))::bigint),
              pg_temp.word(floor(power(%s, random()))::bigint), n),
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
        cursor.execute(_WORD)
        cursor.execute("SELECT setseed(0.5)")  # the same names each time
        words = float(_MOST_WORDS * count**_GROWTH)
        cursor.execute(_PRODUCTS, [words, words, words, category.pk, count])
        cursor.execute(_VARIANTS, [category.pk])
