CREATE OR REPLACE FUNCTION catalog_code_query(value text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT ('''' || catalog_code(value) || '''')::tsquery
$$;

COMMENT ON FUNCTION catalog_code_query IS
  'The whole as a code.';
