CREATE OR REPLACE FUNCTION catalog_words(document tsvector, is_listed boolean) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(word), '{}')
  FROM unnest(CASE WHEN is_listed THEN tsvector_to_array(document) ELSE '{}' END) AS word
  WHERE word !~ '[0-9=]' AND length(word) BETWEEN 2 AND 40
$$;

COMMENT ON FUNCTION catalog_words IS
  'The words of a product that someone could mistype.';
