CREATE OR REPLACE FUNCTION catalog_add_codes_of_variants() RETURNS trigger
LANGUAGE plpgsql AS $$
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
