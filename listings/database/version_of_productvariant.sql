DROP TRIGGER IF EXISTS version_of_rows ON catalog_productvariant;
CREATE CONSTRAINT TRIGGER version_of_rows
  AFTER INSERT OR DELETE ON catalog_productvariant DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION catalog_change_version();

DROP TRIGGER IF EXISTS version_of_columns ON catalog_productvariant;
CREATE CONSTRAINT TRIGGER version_of_columns
  AFTER UPDATE ON catalog_productvariant DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.product_id, OLD.sku, OLD.name, OLD.options, OLD.price, OLD.compare_at_price,
        OLD.cost_price, OLD.currency, OLD.barcode, OLD.weight_grams, OLD.is_digital,
        OLD.position, OLD.in_stock, OLD.deleted_at)
    IS DISTINCT FROM
    (NEW.product_id, NEW.sku, NEW.name, NEW.options, NEW.price, NEW.compare_at_price,
        NEW.cost_price, NEW.currency, NEW.barcode, NEW.weight_grams, NEW.is_digital,
        NEW.position, NEW.in_stock, NEW.deleted_at))
  EXECUTE FUNCTION catalog_change_version();
