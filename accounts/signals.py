"""The one signal of this project: every user has a profile, whichever way the user came to be.

And the end of migrations, when the roles get their permissions.
"""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save
from django.dispatch import receiver

from accounts.models import Profile, User
from accounts.services.roles import sync_roles


@receiver(post_save, sender=User, dispatch_uid="accounts.make_profile")
def make_profile(*, instance: User, created: bool, raw: bool = False, **_kwargs: Any) -> None:
    """Make the profile of a new user; fixtures (``raw``) bring their own."""
    if created and not raw:
        Profile.objects.create(user=instance)


@receiver(post_migrate, dispatch_uid="accounts.grant_permissions")
def grant_permissions(*, app_config: AppConfig, using: str, **_kwargs: Any) -> None:
    """Bring the roles' permissions up to date, once Django has made those of this app."""
    if using == "default":
        sync_roles(app_label=app_config.label)
