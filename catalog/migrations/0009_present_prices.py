"""What variants cost now is where their history begins."""

from django.db import migrations

BEGIN = """
INSERT INTO catalog_pricechange (variant_id, price, currency, compare_at_price, at)
SELECT id, price, currency, compare_at_price, now() FROM catalog_productvariant
ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_price_triggers")]

    operations = [migrations.RunSQL(BEGIN, "DELETE FROM catalog_pricechange")]
