CREATE OR REPLACE FUNCTION catalog_first_found(texts text[]) RETURNS text
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off AS $$
DECLARE
  one text;
BEGIN
  FOREACH one IN ARRAY texts LOOP
    IF EXISTS (SELECT FROM catalog_product WHERE search_document @@ catalog_query(one)
               AND deleted_at IS NULL AND is_active) THEN
      RETURN one;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

COMMENT ON FUNCTION catalog_first_found IS
  'The first of several searches that finds a product.';
