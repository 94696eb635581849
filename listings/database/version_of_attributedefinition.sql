DROP TRIGGER IF EXISTS version_of_rows ON catalog_attributedefinition;
CREATE CONSTRAINT TRIGGER version_of_rows
  AFTER INSERT OR UPDATE OR DELETE ON catalog_attributedefinition DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION catalog_change_version();
