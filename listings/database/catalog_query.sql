CREATE OR REPLACE FUNCTION catalog_query(value text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT coalesce(
      (nullif(plainto_tsquery('simple', catalog_fold(value))::text, '')
        || CASE WHEN length(catalog_fold(value)) = 1 THEN '' ELSE ':*' END)::tsquery, '')
    || ('''' || catalog_code(value) || '''')::tsquery
$$;

COMMENT ON FUNCTION catalog_query IS
  'All words, the last one as a beginning unless it is a letter by itself; or a whole code.';
