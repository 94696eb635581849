"""A function that writes a time in SQL as the API does: RFC 3339, UTC, ``Z``."""

from django.db import migrations

CREATE = """
CREATE FUNCTION timestamp_text(moment timestamptz) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT to_char(moment AT TIME ZONE 'UTC', CASE
    WHEN date_trunc('second', moment) = moment THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END)
$$
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_version_triggers")]

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION timestamp_text(timestamptz)")]
