DROP TRIGGER IF EXISTS version_of_rows ON catalog_vendor;
CREATE CONSTRAINT TRIGGER version_of_rows
  AFTER INSERT OR DELETE ON catalog_vendor DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION catalog_change_version();

DROP TRIGGER IF EXISTS version_of_columns ON catalog_vendor;
CREATE CONSTRAINT TRIGGER version_of_columns
  AFTER UPDATE ON catalog_vendor DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.name, OLD.slug, OLD.description, OLD.deleted_at)
    IS DISTINCT FROM
    (NEW.name, NEW.slug, NEW.description, NEW.deleted_at))
  EXECUTE FUNCTION catalog_change_version();
