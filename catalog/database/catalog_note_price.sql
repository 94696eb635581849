CREATE OR REPLACE FUNCTION catalog_note_price() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_pricechange (variant_id, price, currency, compare_at_price, at)
  VALUES (NEW.id, NEW.price, NEW.currency, NEW.compare_at_price, clock_timestamp());
  RETURN NULL;
END $$;
