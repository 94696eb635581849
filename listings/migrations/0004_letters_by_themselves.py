from django.db import migrations

from core.sql_files import run_files


class Migration(migrations.Migration):
    dependencies = [
        ("listings", "0003_sql_files"),
        ("catalog", "0029_words_of_options_and_languages"),
    ]

    operations = run_files("listings", "catalog_query")
