CREATE OR REPLACE FUNCTION catalog_query(value text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT coalesce(
      (nullif(plainto_tsquery('simple', catalog_fold(value))::text, '') || ':*')::tsquery, '')
    || ('''' || catalog_code(value) || '''')::tsquery
$$;

COMMENT ON FUNCTION catalog_query IS
  'All words, the last one as a beginning, or a whole code.';
