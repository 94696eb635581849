"""The words of a product to search, kept by the database.

Weights: name A, brand B, attributes (authors!) C, description D. SKUs and barcodes are there as
whole codes, marked by ``=``, so that a code finds its product and nothing else.
"""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

FOLD = r"""
CREATE FUNCTION catalog_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(
    translate(lower(public.unaccent('public.unaccent'::regdictionary, value)), '''’`', ''),
    '[\s!-/:-@\[-`{-~]+', ' ', 'g'))
$$;
COMMENT ON FUNCTION catalog_fold IS 'Text without case, accents and punctuation.';

CREATE FUNCTION catalog_code(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT '=' || replace(catalog_fold(value), ' ', '')
$$;
COMMENT ON FUNCTION catalog_code IS 'The word that stands for a SKU or barcode.';

CREATE FUNCTION catalog_query(value text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(
      (nullif(plainto_tsquery('simple', catalog_fold(value))::text, '') || ':*')::tsquery, '')
    || ('''' || catalog_code(value) || '''')::tsquery
$$;
COMMENT ON FUNCTION catalog_query IS 'All words, the last one as a beginning, or a whole code.';
"""

DROP_FOLD = """
DROP FUNCTION catalog_query(text);
DROP FUNCTION catalog_code(text);
DROP FUNCTION catalog_fold(text);
"""

# A tsvector holds one megabyte at most, hence the limits.
DOCUMENT = """
CREATE FUNCTION catalog_codes(product uuid) RETURNS tsvector LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_to_tsvector(array_agg(DISTINCT code)), '')
  FROM catalog_productvariant,
       LATERAL (VALUES (catalog_code(sku)), (catalog_code(barcode))) AS codes (code)
  WHERE product_id = product AND deleted_at IS NULL AND code <> '='
$$;

CREATE FUNCTION catalog_document(
  title text, maker uuid, codes tsvector, facts jsonb, prose text
) RETURNS tsvector LANGUAGE sql STABLE AS $$
  SELECT setweight(to_tsvector('simple', catalog_fold(title)), 'A')
    || setweight(to_tsvector('simple', coalesce(
         (SELECT catalog_fold(name) FROM catalog_brand WHERE id = maker), '')), 'B')
    || codes
    || setweight(to_tsvector('simple', coalesce((
         SELECT catalog_fold(left(string_agg(part #>> '{}', ' '), 20000))
         FROM jsonb_path_query(facts, 'strict $.**') AS part
         WHERE jsonb_typeof(part) IN ('string', 'number')
           AND part #>> '{}' NOT LIKE 'http%'), '')), 'C')
    || setweight(to_tsvector('simple', catalog_fold(left(prose, 100000))), 'D')
$$;

CREATE FUNCTION catalog_write_document() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  codes tsvector := '';  -- a new product has no variants yet
BEGIN
  IF TG_OP = 'UPDATE' THEN
    codes := catalog_codes(NEW.id);
  END IF;
  NEW.search_name := catalog_fold(NEW.name);
  NEW.search_document := catalog_document(
    NEW.name, NEW.brand_id, codes, NEW.attributes, NEW.description);
  RETURN NEW;
END $$;

CREATE FUNCTION catalog_rewrite_documents_of_brand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE catalog_product
  SET search_document = catalog_document(
    name, brand_id, catalog_codes(id), attributes, description)
  WHERE brand_id = NEW.id;
  RETURN NULL;
END $$;

CREATE FUNCTION catalog_rewrite_document_of_variant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE catalog_product
  SET search_document = catalog_document(
    name, brand_id, catalog_codes(id), attributes, description)
  WHERE id IN (OLD.product_id, NEW.product_id);
  RETURN NULL;
END $$;

CREATE FUNCTION catalog_add_codes_of_variants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE catalog_product AS product
  SET search_document = product.search_document || codes.words
  FROM (
    SELECT product_id, array_to_tsvector(array_agg(DISTINCT code)) AS words
    FROM added, LATERAL (VALUES (catalog_code(sku)), (catalog_code(barcode))) AS codes (code)
    WHERE deleted_at IS NULL AND code <> '='
    GROUP BY product_id) AS codes
  WHERE product.id = codes.product_id;
  RETURN NULL;
END $$;

CREATE TRIGGER product_search
  BEFORE INSERT OR UPDATE OF name, brand_id, attributes, description ON catalog_product
  FOR EACH ROW EXECUTE FUNCTION catalog_write_document();

CREATE TRIGGER brand_search
  AFTER UPDATE OF name ON catalog_brand
  FOR EACH ROW WHEN (OLD.name <> NEW.name)
  EXECUTE FUNCTION catalog_rewrite_documents_of_brand();

CREATE TRIGGER variant_search
  AFTER UPDATE OF sku, barcode, product_id, deleted_at ON catalog_productvariant
  FOR EACH ROW WHEN ((OLD.sku, OLD.barcode, OLD.product_id, OLD.deleted_at)
    IS DISTINCT FROM (NEW.sku, NEW.barcode, NEW.product_id, NEW.deleted_at))
  EXECUTE FUNCTION catalog_rewrite_document_of_variant();

CREATE TRIGGER new_variant_search
  AFTER INSERT ON catalog_productvariant
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_add_codes_of_variants();
"""

DROP_DOCUMENT = """
DROP TRIGGER new_variant_search ON catalog_productvariant;
DROP TRIGGER variant_search ON catalog_productvariant;
DROP TRIGGER brand_search ON catalog_brand;
DROP TRIGGER product_search ON catalog_product;
DROP FUNCTION catalog_add_codes_of_variants();
DROP FUNCTION catalog_rewrite_document_of_variant();
DROP FUNCTION catalog_rewrite_documents_of_brand();
DROP FUNCTION catalog_write_document();
DROP FUNCTION catalog_document(text, uuid, tsvector, jsonb, text);
DROP FUNCTION catalog_codes(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(FOLD, DROP_FOLD),
        migrations.RunSQL(DOCUMENT, DROP_DOCUMENT),
    ]
