CREATE OR REPLACE FUNCTION catalog_code(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT '=' || replace(catalog_fold(value), ' ', '')
$$;

COMMENT ON FUNCTION catalog_code IS
  'The word that stands for a SKU or barcode.';
