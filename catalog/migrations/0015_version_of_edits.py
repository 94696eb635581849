"""Any edit of a product is a change of what the public sees: lists show when it was made.

Its schedule, or a value set to what it was, changed ``updated_at`` only, which lists that are
remembered by version went on showing as it was.
"""

from django.db import migrations

CREATE = """
CREATE CONSTRAINT TRIGGER version_of_edits
  AFTER UPDATE OF updated_at ON catalog_product DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
  EXECUTE FUNCTION catalog_change_version();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0014_affinities")]

    operations = [migrations.RunSQL(CREATE, "DROP TRIGGER version_of_edits ON catalog_product")]
