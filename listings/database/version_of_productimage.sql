DROP TRIGGER IF EXISTS version_of_rows ON catalog_productimage;
CREATE CONSTRAINT TRIGGER version_of_rows
  AFTER INSERT OR DELETE ON catalog_productimage DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION catalog_change_version();

DROP TRIGGER IF EXISTS version_of_columns ON catalog_productimage;
CREATE CONSTRAINT TRIGGER version_of_columns
  AFTER UPDATE ON catalog_productimage DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.product_id, OLD.image, OLD.width, OLD.height, OLD.thumbnails, OLD.alt,
        OLD.position, OLD.deleted_at)
    IS DISTINCT FROM
    (NEW.product_id, NEW.image, NEW.width, NEW.height, NEW.thumbnails, NEW.alt,
        NEW.position, NEW.deleted_at))
  EXECUTE FUNCTION catalog_change_version();
