"""A function that writes money in SQL as ``core.money`` does in Python."""

from django.db import migrations

from core.money import MINOR_DIGITS


def _codes(digits: int) -> str:
    return ", ".join(f"'{code}'" for code, minor in sorted(MINOR_DIGITS.items()) if minor == digits)


CREATE = f"""
CREATE FUNCTION money_text(amount numeric, currency text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT round(amount, CASE WHEN currency IN ({_codes(0)}) THEN 0
                            WHEN currency IN ({_codes(3)}) THEN 3 ELSE 2 END)::text
$$
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION money_text(numeric, text)")]
