"""Make texts of options that are lists, which the constraint before looked into and let pass."""

from django.db import migrations

OPTIONS = """
    UPDATE catalog_productvariant SET updated_at = now(), options = (
        SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(options))
    WHERE options @? 'strict $.* ? (@.type() != "string")'
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0024_shapes_and_skus_hold")]

    operations = [migrations.RunSQL(OPTIONS, migrations.RunSQL.noop)]
