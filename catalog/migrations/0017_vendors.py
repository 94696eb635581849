"""Vendors: who sells a product, where it is not the shop itself."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import core.models

LIVING = models.Q(("deleted_at", None))
# Products show the name of their vendor: it is a part of the catalog version, see migration 0003.
CREATE = """
CREATE CONSTRAINT TRIGGER version_of_rows
  AFTER INSERT OR DELETE ON catalog_vendor DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION catalog_change_version();
CREATE CONSTRAINT TRIGGER version_of_columns
  AFTER UPDATE ON catalog_vendor DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN ((OLD.name, OLD.slug, OLD.description, OLD.deleted_at)
                     IS DISTINCT FROM (NEW.name, NEW.slug, NEW.description, NEW.deleted_at))
  EXECUTE FUNCTION catalog_change_version();
CREATE CONSTRAINT TRIGGER version_of_vendor
  AFTER UPDATE OF vendor_id ON catalog_product DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.vendor_id IS DISTINCT FROM NEW.vendor_id)
  EXECUTE FUNCTION catalog_change_version();
"""
DROP = """
DROP TRIGGER version_of_vendor ON catalog_product;
DROP TRIGGER version_of_columns ON catalog_vendor;
DROP TRIGGER version_of_rows ON catalog_vendor;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0016_names_by_word"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Vendor",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.models.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(db_index=False, max_length=140)),
                ("description", models.TextField(blank=True, default="")),
                (
                    "sellers",
                    models.ManyToManyField(
                        blank=True, related_name="vendors", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "permissions": [("sell_products", "Can keep the products of own vendors")],
                "base_manager_name": "all_objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=LIVING, fields=("slug",), name="vendor_slug_is_unique"
                    ),
                    models.UniqueConstraint(
                        condition=LIVING, fields=("name",), name="vendor_name_is_unique"
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="product",
            name="vendor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="catalog.vendor",
            ),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
