CREATE OR REPLACE TRIGGER product_search
  BEFORE INSERT OR UPDATE OF name, brand_id, attributes, description ON catalog_product
  FOR EACH ROW EXECUTE FUNCTION catalog_write_document();
