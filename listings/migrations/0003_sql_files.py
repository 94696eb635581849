"""Functions and triggers are read in ``listings/database``; they do what they did."""

from django.db import migrations

from core.sql_files import run_files


class Migration(migrations.Migration):
    dependencies = [("listings", "0002_content_types")]

    operations = [
        *run_files(
            "listings",
            "catalog_change_version",
            "catalog_query",
            "catalog_words",
            "catalog_note_words_of_rows",
            "catalog_note_words_of_change",
            "catalog_code_query",
            "catalog_distance",
            "catalog_first_found",
            "catalog_words_alike",
            "version_of_attributedefinition",
            "version_of_brand",
            "version_of_category",
            "version_of_product",
            "version_of_productimage",
            "version_of_productvariant",
            "version_of_vendor",
            "words_of_product",
        )
    ]
