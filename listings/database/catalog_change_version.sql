-- Run by deferred triggers, at the commit: the one row is locked last and for a moment, and written
-- once in a transaction.
CREATE OR REPLACE FUNCTION catalog_change_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('tradepost.catalog_is_changed', true) IS DISTINCT FROM 'yes' THEN
    PERFORM set_config('tradepost.catalog_is_changed', 'yes', true);
    INSERT INTO catalog_catalogversion (id, version) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET version = excluded.version;
  END IF;
  RETURN NULL;
END $$;
