"""Who someone is and what they may do, for Django and its admin."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class RoleBackend(ModelBackend):
    """Checks e-mail address and password; permissions come from roles alone.

    A user that was loaded with ``with_access`` brings them along, so that asking is free.
    """

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        return set(user_obj.role_permissions)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        prefix = f"{app_label}."
        return any(perm.startswith(prefix) for perm in self.get_all_permissions(user_obj))

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.with_access().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
