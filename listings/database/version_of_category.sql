DROP TRIGGER IF EXISTS version_of_rows ON catalog_category;
CREATE CONSTRAINT TRIGGER version_of_rows
  AFTER INSERT OR DELETE ON catalog_category DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION catalog_change_version();

DROP TRIGGER IF EXISTS version_of_columns ON catalog_category;
CREATE CONSTRAINT TRIGGER version_of_columns
  AFTER UPDATE ON catalog_category DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.name, OLD.slug, OLD.parent_id, OLD.description, OLD.image, OLD.lft, OLD.rght,
        OLD.tree_id, OLD.level, OLD.deleted_at)
    IS DISTINCT FROM
    (NEW.name, NEW.slug, NEW.parent_id, NEW.description, NEW.image, NEW.lft, NEW.rght,
        NEW.tree_id, NEW.level, NEW.deleted_at))
  EXECUTE FUNCTION catalog_change_version();
