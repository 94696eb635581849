from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save
from django.utils.module_loading import autodiscover_modules


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Connect the one signal, and migrations' end; let apps say what they hold on people."""
        from accounts.models import User  # noqa: PLC0415 - models load after the apps
        from accounts.signals import make_profile  # noqa: PLC0415 - as above

        autodiscover_modules("privacy")
        post_save.connect(make_profile, sender=User, dispatch_uid="accounts.make_profile")
        post_migrate.connect(grant_permissions, dispatch_uid="accounts.grant_permissions")


def grant_permissions(*, app_config: AppConfig, using: str, **_kwargs: Any) -> None:
    """Bring the roles' permissions up to date, once Django has made those of this app."""
    from accounts.services.roles import sync_roles  # noqa: PLC0415 - models load after the apps

    if using == "default":
        sync_roles(app_label=app_config.label)
