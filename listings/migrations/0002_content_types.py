"""Let permissions and the backoffice's history follow the models into their new app.

A fresh database has no content types yet: they are made after all migrations, by their new name.
"""

from django.db import migrations

MODELS = ("catalogversion", "word", "wordchange")


def rename(apps, source: str, target: str) -> None:
    types = apps.get_model("contenttypes", "ContentType").objects
    made = types.filter(app_label=target, model__in=MODELS).values("model")
    types.filter(app_label=source, model__in=MODELS).exclude(model__in=made).update(
        app_label=target
    )


def to_listings(apps, _schema_editor) -> None:
    rename(apps, "catalog", "listings")


def to_catalog(apps, _schema_editor) -> None:
    rename(apps, "listings", "catalog")


class Migration(migrations.Migration):
    dependencies = [
        ("listings", "0001_initial"),
        ("catalog", "0021_listings_leave"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(to_listings, to_catalog)]
