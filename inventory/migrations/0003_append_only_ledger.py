"""Refuse to change or delete what the ledger of stock says."""

from django.db import migrations

CREATE = """
CREATE FUNCTION inventory_refuse_to_rewrite_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The ledger of stock is append-only: correct it by a further movement.'
    USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER stock_movement_is_append_only
  BEFORE UPDATE OR DELETE ON inventory_stockmovement
  FOR EACH ROW EXECUTE FUNCTION inventory_refuse_to_rewrite_ledger();
"""

DROP = """
DROP TRIGGER stock_movement_is_append_only ON inventory_stockmovement;
DROP FUNCTION inventory_refuse_to_rewrite_ledger();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_uuid_v7")]

    operations = [migrations.RunSQL(CREATE, DROP)]
