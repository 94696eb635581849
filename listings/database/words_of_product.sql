CREATE OR REPLACE TRIGGER words_of_new AFTER INSERT ON catalog_product
  REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_words_of_rows();

CREATE OR REPLACE TRIGGER words_of_gone AFTER DELETE ON catalog_product
  REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_words_of_rows();

CREATE OR REPLACE TRIGGER words_of_changed AFTER UPDATE ON catalog_product
  FOR EACH ROW WHEN (
    (strip(OLD.search_document), OLD.deleted_at IS NULL AND OLD.is_active)
    IS DISTINCT FROM (strip(NEW.search_document), NEW.deleted_at IS NULL AND NEW.is_active))
  EXECUTE FUNCTION catalog_note_words_of_change();
