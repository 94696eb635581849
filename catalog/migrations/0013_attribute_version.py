"""A change of what attributes are is a change of what the public sees: facets are remembered."""

from django.db import migrations

CREATE = """
CREATE CONSTRAINT TRIGGER version_of_rows
  AFTER INSERT OR UPDATE OR DELETE ON catalog_attributedefinition DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION catalog_change_version();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_attribute_definitions")]

    operations = [
        migrations.RunSQL(CREATE, "DROP TRIGGER version_of_rows ON catalog_attributedefinition")
    ]
