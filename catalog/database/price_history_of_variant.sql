-- Every price is written down when it begins, whoever changes it: page, import or script.
CREATE OR REPLACE TRIGGER first_price AFTER INSERT ON catalog_productvariant
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_first_prices();

CREATE OR REPLACE TRIGGER price_change AFTER UPDATE OF price, currency ON catalog_productvariant
  FOR EACH ROW WHEN ((OLD.price, OLD.currency) IS DISTINCT FROM (NEW.price, NEW.currency))
  EXECUTE FUNCTION catalog_note_price();
