-- Late stock figures and units sold do not count as a change.
DROP TRIGGER IF EXISTS version_of_rows ON catalog_product;
CREATE CONSTRAINT TRIGGER version_of_rows
  AFTER INSERT OR DELETE ON catalog_product DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION catalog_change_version();

DROP TRIGGER IF EXISTS version_of_columns ON catalog_product;
CREATE CONSTRAINT TRIGGER version_of_columns
  AFTER UPDATE ON catalog_product DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.name, OLD.slug, OLD.description, OLD.category_id, OLD.brand_id, OLD.tax_class,
        OLD.attributes, OLD.is_active, OLD.is_featured, OLD.price, OLD.compare_at_price,
        OLD.currency, OLD.in_stock, OLD.rating_average, OLD.review_count, OLD.deleted_at)
    IS DISTINCT FROM
    (NEW.name, NEW.slug, NEW.description, NEW.category_id, NEW.brand_id, NEW.tax_class,
        NEW.attributes, NEW.is_active, NEW.is_featured, NEW.price, NEW.compare_at_price,
        NEW.currency, NEW.in_stock, NEW.rating_average, NEW.review_count, NEW.deleted_at))
  EXECUTE FUNCTION catalog_change_version();

DROP TRIGGER IF EXISTS version_of_edits ON catalog_product;
CREATE CONSTRAINT TRIGGER version_of_edits
  AFTER UPDATE OF updated_at ON catalog_product DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
  EXECUTE FUNCTION catalog_change_version();

DROP TRIGGER IF EXISTS version_of_vendor ON catalog_product;
CREATE CONSTRAINT TRIGGER version_of_vendor
  AFTER UPDATE OF vendor_id ON catalog_product DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.vendor_id IS DISTINCT FROM NEW.vendor_id)
  EXECUTE FUNCTION catalog_change_version();
