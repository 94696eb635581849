"""Let permissions and the backoffice's history follow the models into their new app.

A fresh database has no content types yet: they are made after all migrations, by their new name.
"""

from django.db import migrations

MODELS = ("importchunk", "importjob", "importmapping", "importrefusal")


def rename(apps, source: str, target: str) -> None:
    types = apps.get_model("contenttypes", "ContentType").objects
    made = types.filter(app_label=target, model__in=MODELS).values("model")
    types.filter(app_label=source, model__in=MODELS).exclude(model__in=made).update(
        app_label=target
    )


def to_imports(apps, _schema_editor) -> None:
    rename(apps, "inventory", "imports")


def to_inventory(apps, _schema_editor) -> None:
    rename(apps, "imports", "inventory")


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_initial"),
        ("inventory", "0008_imports_leave"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(to_imports, to_inventory)]
