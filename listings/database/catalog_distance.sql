-- Weights are those of descriptions, attributes, brands and names. In documents of any length, it
-- counts how close together the words are.
CREATE OR REPLACE FUNCTION catalog_distance(
  words tsvector, name text, query tsquery, code tsquery, beginning text
) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT round((CASE WHEN words @@ code THEN -10.0
                     WHEN name = beginning THEN -5.0
                     WHEN starts_with(name, beginning) THEN -1.0
                     ELSE 0.0 END
                - ts_rank_cd('{0.05, 0.4, 0.5, 1.0}', words, query, 1))::numeric, 6)
$$;

COMMENT ON FUNCTION catalog_distance IS
  'How far a product is from a search, from the best up: its code, its name, rank.';
