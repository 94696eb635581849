from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts.roles import Role
from core.admin import BaseAdmin

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin, BaseAdmin):
    """Roles. Those that come with the shop are set by its code; others can be made beside them."""

    list_display = ("name", "is_built_in")
    search_fields: ClassVar = ("name",)

    @admin.display(description="Comes with the shop", boolean=True)
    def is_built_in(self, group: Group) -> bool:
        return group.name in set(Role)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody change a role that the next migration would set back."""
        return self._is_own(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_own(obj) and bool(super().has_delete_permission(request, obj))

    def _is_own(self, group: Group | None) -> bool:
        return group is None or not self.is_built_in(group)
