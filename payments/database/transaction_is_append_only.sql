CREATE OR REPLACE TRIGGER transaction_is_append_only
  BEFORE UPDATE OR DELETE ON payments_paymenttransaction
  FOR EACH ROW EXECUTE FUNCTION payments_refuse_to_rewrite_transaction();
