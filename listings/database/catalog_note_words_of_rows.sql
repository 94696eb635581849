CREATE OR REPLACE FUNCTION catalog_note_words_of_rows() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_wordchange (word, documents)
  SELECT word, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
  FROM changed, unnest(catalog_words(search_document, deleted_at IS NULL AND is_active)) AS word
  GROUP BY word;
  RETURN NULL;
END $$;
