CREATE OR REPLACE FUNCTION payments_refuse_to_rewrite_transaction() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
     AND (NEW.id, NEW.payment_id, NEW.kind, NEW.amount, NEW.provider, NEW.charge_reference)
         IS NOT DISTINCT FROM
         (OLD.id, OLD.payment_id, OLD.kind, OLD.amount, OLD.provider, OLD.charge_reference)
     AND (OLD.fee IS NULL
          OR (NEW.fee, NEW.fee_currency) IS NOT DISTINCT FROM (OLD.fee, OLD.fee_currency))
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'Transactions are append-only: what was asked for and the fee do not change.'
    USING ERRCODE = 'restrict_violation';
END
$$;
