CREATE OR REPLACE FUNCTION catalog_note_first_prices() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_pricechange (variant_id, price, currency, compare_at_price, at)
  SELECT id, price, currency, compare_at_price, clock_timestamp() FROM added;
  RETURN NULL;
END $$;
