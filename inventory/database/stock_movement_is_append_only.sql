CREATE OR REPLACE TRIGGER stock_movement_is_append_only
  BEFORE UPDATE OR DELETE ON inventory_stockmovement
  FOR EACH ROW EXECUTE FUNCTION inventory_refuse_to_rewrite_ledger();
