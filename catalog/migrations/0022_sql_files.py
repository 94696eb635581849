"""Functions and triggers are read in ``catalog/database``; they do what they did."""

from django.db import migrations

from core.sql_files import run_files


class Migration(migrations.Migration):
    dependencies = [("catalog", "0021_listings_leave")]

    operations = [
        *run_files(
            "catalog",
            "catalog_fold",
            "catalog_code",
            "catalog_add_codes_of_variants",
            "catalog_codes",
            "catalog_document",
            "catalog_lowest_price",
            "catalog_note_first_prices",
            "catalog_note_price",
            "catalog_rewrite_document_of_variant",
            "catalog_rewrite_documents_of_brand",
            "catalog_write_document",
            "price_history_of_variant",
            "search_of_brand",
            "search_of_product",
            "search_of_variant",
            "timestamp_text",
        )
    ]
