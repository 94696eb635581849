"""The groups of the shop's roles; ``sync_roles`` gives them their permissions after migrating."""

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROLES = (
    "Administrator",
    "Catalog manager",
    "Order manager",
    "Support",
    "Branch manager",
    "Sales representative",
    "Seller",
)


def make_roles(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the groups that are not there yet."""
    group_class = apps.get_model("auth", "Group")
    for name in ROLES:
        group_class.objects.get_or_create(name=name)


def remove_roles(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the groups."""
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(make_roles, remove_roles)]
