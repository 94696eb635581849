CREATE OR REPLACE FUNCTION catalog_codes(product uuid) RETURNS tsvector
LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_to_tsvector(array_agg(DISTINCT code)), '')
  FROM catalog_productvariant,
       LATERAL (VALUES (catalog_code(sku)), (catalog_code(barcode))) AS codes (code)
  WHERE product_id = product AND deleted_at IS NULL AND code <> '='
$$;
