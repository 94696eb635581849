"""The words of listed products, for whoever mistypes one.

Triggers write down how many products a word came to or went from; a job sums that up every two
seconds (``listings.services``), so that no two writers ever meet at the row of a word.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

WORDS = r"""
CREATE FUNCTION catalog_words(document tsvector, is_listed boolean) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(word), '{}')
  FROM unnest(CASE WHEN is_listed THEN tsvector_to_array(document) ELSE '{}' END) AS word
  WHERE word !~ '[0-9=]' AND length(word) BETWEEN 2 AND 40
$$;
COMMENT ON FUNCTION catalog_words IS 'The words of a product that someone could mistype.';

CREATE FUNCTION catalog_note_words_of_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_wordchange (word, documents)
  SELECT word, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
  FROM changed, unnest(catalog_words(search_document, deleted_at IS NULL AND is_active)) AS word
  GROUP BY word;
  RETURN NULL;
END $$;

CREATE FUNCTION catalog_note_words_of_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before text[] := catalog_words(OLD.search_document, OLD.deleted_at IS NULL AND OLD.is_active);
  after text[] := catalog_words(NEW.search_document, NEW.deleted_at IS NULL AND NEW.is_active);
BEGIN
  INSERT INTO catalog_wordchange (word, documents)
  SELECT word, 1 FROM unnest(after) AS word WHERE word <> ALL (before)
  UNION ALL
  SELECT word, -1 FROM unnest(before) AS word WHERE word <> ALL (after);
  RETURN NULL;
END $$;

CREATE TRIGGER words_of_new AFTER INSERT ON catalog_product
  REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_words_of_rows();
CREATE TRIGGER words_of_gone AFTER DELETE ON catalog_product
  REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_words_of_rows();
CREATE TRIGGER words_of_changed AFTER UPDATE ON catalog_product
  FOR EACH ROW WHEN (
    (strip(OLD.search_document), OLD.deleted_at IS NULL AND OLD.is_active)
    IS DISTINCT FROM (strip(NEW.search_document), NEW.deleted_at IS NULL AND NEW.is_active))
  EXECUTE FUNCTION catalog_note_words_of_change();
"""

DROP_WORDS = """
DROP TRIGGER words_of_changed ON catalog_product;
DROP TRIGGER words_of_gone ON catalog_product;
DROP TRIGGER words_of_new ON catalog_product;
DROP FUNCTION catalog_note_words_of_change();
DROP FUNCTION catalog_note_words_of_rows();
DROP FUNCTION catalog_words(tsvector, boolean);
"""

# Trigrams find what shares most of its letters. Short words share few with their neighbours, and
# two swapped letters spoil four trigrams: those neighbours are spelled out and looked up.
ALIKE = """
CREATE FUNCTION catalog_words_alike(typed text) RETURNS TABLE (word text, documents integer)
LANGUAGE sql STABLE SET pg_trgm.similarity_threshold = 0.3 AS $$
  (SELECT known.word, known.documents FROM catalog_word AS known
   WHERE known.word % typed AND known.documents > 0
     AND length(known.word) BETWEEN length(typed) - 2 AND length(typed) + 2
   ORDER BY similarity(known.word, typed) DESC, known.documents DESC LIMIT 40)
  UNION
  SELECT known.word, known.documents FROM catalog_word AS known
  WHERE known.documents > 0 AND known.word = ANY (ARRAY(
    SELECT left(typed, place) || reverse(substr(typed, place + 1, 2)) || substr(typed, place + 3)
    FROM generate_series(0, length(typed) - 2) AS place
    UNION ALL
    SELECT left(typed, place) || letter || substr(typed, place + 1 + dropped)
    FROM generate_series(0, length(typed)) AS place, generate_series(0, 1) AS dropped,
         string_to_table('abcdefghijklmnopqrstuvwxyz', NULL) AS letter
    WHERE length(typed) <= 4))
$$;
COMMENT ON FUNCTION catalog_words_alike IS 'Words one or two letters away, and some others.';

CREATE FUNCTION catalog_first_found(texts text[]) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off AS $$
DECLARE
  one text;
BEGIN
  FOREACH one IN ARRAY texts LOOP
    IF EXISTS (SELECT FROM catalog_product WHERE search_document @@ catalog_query(one)
               AND deleted_at IS NULL AND is_active) THEN
      RETURN one;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION catalog_first_found IS 'The first of several searches that finds a product.';
"""

DROP_ALIKE = """
DROP FUNCTION catalog_first_found(text[]);
DROP FUNCTION catalog_words_alike(text);
"""

# Weights are those of descriptions, attributes, brands and names. In documents of any length, it
# counts how close together the words are.
DISTANCE = """
CREATE FUNCTION catalog_distance(
  words tsvector, name text, query tsquery, code tsquery, beginning text
) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT round((CASE WHEN words @@ code THEN -10.0
                     WHEN name = beginning THEN -5.0
                     WHEN starts_with(name, beginning) THEN -1.0
                     ELSE 0.0 END
                - ts_rank_cd('{0.05, 0.4, 0.5, 1.0}', words, query, 1))::numeric, 6)
$$;
COMMENT ON FUNCTION catalog_distance IS
  'How far a product is from a search, from the best up: its code, its name, rank.';

CREATE FUNCTION catalog_code_query(value text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ('''' || catalog_code(value) || '''')::tsquery
$$;
COMMENT ON FUNCTION catalog_code_query IS 'The whole as a code.';
"""
DROP_DISTANCE = """
DROP FUNCTION catalog_code_query(text);
DROP FUNCTION catalog_distance(tsvector, text, tsquery, tsquery, text);
"""

HEADLINE = """
CREATE TEXT SEARCH CONFIGURATION catalog_folded (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION catalog_folded
  ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, simple;
"""
DROP_HEADLINE = "DROP TEXT SEARCH CONFIGURATION catalog_folded"

FILL = """
INSERT INTO catalog_word (word, documents)
SELECT word, count(*)
FROM catalog_product, unnest(catalog_words(search_document, true)) AS word
WHERE deleted_at IS NULL AND is_active
GROUP BY word
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_timestamp_text")]

    operations = [
        migrations.CreateModel(
            name="Word",
            fields=[
                ("word", models.TextField(primary_key=True, serialize=False)),
                ("documents", models.IntegerField()),
            ],
            options={
                "indexes": [
                    GinIndex(
                        fields=["word"],
                        opclasses=["gin_trgm_ops"],
                        fastupdate=False,
                        name="word_by_trigrams",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="WordChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("word", models.TextField()),
                ("documents", models.IntegerField()),
            ],
        ),
        migrations.RunSQL(WORDS, DROP_WORDS),
        migrations.RunSQL(ALIKE, DROP_ALIKE),
        migrations.RunSQL(DISTANCE, DROP_DISTANCE),
        migrations.RunSQL(HEADLINE, DROP_HEADLINE),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
