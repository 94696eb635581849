from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.roles import Role, role_grants


@transaction.atomic
def sync_roles(*, app_label: str) -> None:
    """Make every role's group, and give it exactly the permissions of this app that it shall have.

    Runs after each app's migrations; costs four queries and writes nothing when all is in place.
    """
    through = Group.permissions.through
    Group.objects.bulk_create([Group(name=role) for role in Role], ignore_conflicts=True)
    groups = dict(Group.objects.filter(name__in=list(Role)).values_list("name", "pk"))
    permissions = Permission.objects.filter(content_type__app_label=app_label)
    names = {permission.pk: f"{app_label}.{permission.codename}" for permission in permissions}
    wanted = {
        (groups[role], pk) for role in Role for pk, name in names.items() if role_grants(role, name)
    }
    held = set(
        through.objects.filter(group_id__in=groups.values(), permission_id__in=names).values_list(
            "group_id", "permission_id"
        )
    )
    granted = [
        through(group_id=group, permission_id=permission)
        for group, permission in sorted(wanted - held)
    ]
    through.objects.bulk_create(granted, ignore_conflicts=True)
    for group, permission in sorted(held - wanted):
        through.objects.filter(group_id=group, permission_id=permission).delete()
