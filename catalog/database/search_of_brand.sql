CREATE OR REPLACE TRIGGER brand_search
  AFTER UPDATE OF name ON catalog_brand
  FOR EACH ROW WHEN (OLD.name <> NEW.name)
  EXECUTE FUNCTION catalog_rewrite_documents_of_brand();
