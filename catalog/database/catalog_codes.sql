CREATE OR REPLACE FUNCTION catalog_codes(product uuid) RETURNS tsvector
LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_to_tsvector(array_agg(DISTINCT code) FILTER (WHERE code <> '=')), '')
    || strip(to_tsvector('simple', catalog_fold(
         coalesce(string_agg(DISTINCT option.value #>> '{}', ' '), ''))))
  FROM catalog_productvariant
  CROSS JOIN LATERAL (VALUES (catalog_code(sku)), (catalog_code(barcode))) AS codes (code)
  LEFT JOIN LATERAL jsonb_path_query(options, '$.*') AS option (value) ON true
  WHERE product_id = product AND deleted_at IS NULL
$$;

COMMENT ON FUNCTION catalog_codes IS
  'What is found of a product by its variants: their codes and options.';
