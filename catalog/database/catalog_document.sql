CREATE OR REPLACE FUNCTION catalog_document(
  title text, maker uuid, codes tsvector, facts jsonb, prose text
) RETURNS tsvector
LANGUAGE sql STABLE AS $$
  SELECT setweight(to_tsvector('simple', catalog_fold(title)), 'A')
    || setweight(to_tsvector('simple', coalesce(
         (SELECT catalog_fold(name) FROM catalog_brand WHERE id = maker), '')), 'B')
    || codes
    || setweight(to_tsvector('simple', coalesce((
         SELECT catalog_fold(left(string_agg(part #>> '{}', ' '), 20000))
         FROM jsonb_path_query(facts, 'strict $.**') AS part
         WHERE jsonb_typeof(part) IN ('string', 'number')
           AND part #>> '{}' NOT LIKE 'http%'), '')), 'C')
    || setweight(to_tsvector('simple', catalog_fold(left(prose, 100000))), 'D')
$$;
