CREATE OR REPLACE FUNCTION catalog_note_words_of_change() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  before text[] := catalog_words(OLD.search_document, OLD.deleted_at IS NULL AND OLD.is_active);
  after text[] := catalog_words(NEW.search_document, NEW.deleted_at IS NULL AND NEW.is_active);
BEGIN
  INSERT INTO catalog_wordchange (word, documents)
  SELECT word, 1 FROM unnest(after) AS word WHERE word <> ALL (before)
  UNION ALL
  SELECT word, -1 FROM unnest(before) AS word WHERE word <> ALL (after);
  RETURN NULL;
END $$;
