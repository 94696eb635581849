CREATE OR REPLACE TRIGGER variant_search
  AFTER UPDATE OF sku, barcode, options, product_id, deleted_at ON catalog_productvariant
  FOR EACH ROW WHEN ((OLD.sku, OLD.barcode, OLD.options, OLD.product_id, OLD.deleted_at)
    IS DISTINCT FROM (NEW.sku, NEW.barcode, NEW.options, NEW.product_id, NEW.deleted_at))
  EXECUTE FUNCTION catalog_rewrite_document_of_variant();

CREATE OR REPLACE TRIGGER new_variant_search
  AFTER INSERT ON catalog_productvariant
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_add_codes_of_variants();
