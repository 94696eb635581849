CREATE OR REPLACE FUNCTION catalog_add_codes_of_variants() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE catalog_product AS product
  SET search_document = product.search_document || codes.words
  FROM (
    SELECT product_id,
           coalesce(array_to_tsvector(array_agg(DISTINCT code) FILTER (WHERE code <> '=')), '')
             || strip(to_tsvector('simple', catalog_fold(
                  coalesce(string_agg(DISTINCT option.value #>> '{}', ' '), '')))) AS words
    FROM added
    CROSS JOIN LATERAL (VALUES (catalog_code(sku)), (catalog_code(barcode))) AS codes (code)
    LEFT JOIN LATERAL jsonb_path_query(options, '$.*') AS option (value) ON true
    WHERE deleted_at IS NULL
    GROUP BY product_id) AS codes
  WHERE product.id = codes.product_id AND codes.words <> '';
  RETURN NULL;
END $$;
