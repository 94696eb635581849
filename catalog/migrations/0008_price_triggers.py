"""Every price is written down when it begins, whoever changes it: page, import or script.

``at`` is the clock's time under the lock on the variant, so that the rows of a variant are in the
order of their ids and times alike.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION catalog_note_first_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_pricechange (variant_id, price, currency, compare_at_price, at)
  SELECT id, price, currency, compare_at_price, clock_timestamp() FROM added;
  RETURN NULL;
END $$;

CREATE FUNCTION catalog_note_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_pricechange (variant_id, price, currency, compare_at_price, at)
  VALUES (NEW.id, NEW.price, NEW.currency, NEW.compare_at_price, clock_timestamp());
  RETURN NULL;
END $$;

CREATE TRIGGER first_price AFTER INSERT ON catalog_productvariant
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_first_prices();
CREATE TRIGGER price_change AFTER UPDATE OF price, currency ON catalog_productvariant
  FOR EACH ROW WHEN ((OLD.price, OLD.currency) IS DISTINCT FROM (NEW.price, NEW.currency))
  EXECUTE FUNCTION catalog_note_price();

CREATE FUNCTION catalog_lowest_price(variant uuid, compare_at numeric) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH latest AS (
         SELECT id, at, price, currency FROM catalog_pricechange
         WHERE variant_id = variant ORDER BY id DESC LIMIT 1),
       previous AS (
         SELECT change.price, change.currency FROM catalog_pricechange AS change, latest
         WHERE change.variant_id = variant AND change.id < latest.id
         ORDER BY change.id DESC LIMIT 1),
       oldest AS (
         SELECT change.id FROM catalog_pricechange AS change, latest
         WHERE change.variant_id = variant AND change.id < latest.id
           AND change.at <= latest.at - interval '30 days'
         ORDER BY change.id DESC LIMIT 1)
  SELECT min(change.price)
  FROM catalog_pricechange AS change, latest, previous
  WHERE change.variant_id = variant AND change.id < latest.id
    AND change.id >= coalesce((SELECT id FROM oldest), 0)
    AND change.currency = latest.currency AND previous.currency = latest.currency
    AND (latest.price < previous.price OR compare_at IS NOT NULL)
$$;
COMMENT ON FUNCTION catalog_lowest_price IS
  'The lowest price of the 30 days before the present one began, if that is a reduction.';
"""

DROP = """
DROP FUNCTION catalog_lowest_price(uuid, numeric);
DROP TRIGGER price_change ON catalog_productvariant;
DROP TRIGGER first_price ON catalog_productvariant;
DROP FUNCTION catalog_note_price();
DROP FUNCTION catalog_note_first_prices();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_price_changes")]

    operations = [migrations.RunSQL(CREATE, DROP)]
