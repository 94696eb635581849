CREATE OR REPLACE FUNCTION inventory_refuse_to_rewrite_ledger() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The ledger of stock is append-only: correct it by a further movement.'
    USING ERRCODE = 'restrict_violation';
END
$$;
