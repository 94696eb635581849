"""The one signal of this project: every user has a profile, whichever way the user came to be."""

from typing import Any

from accounts.models import Profile, User


def make_profile(
    sender: type[User],  # noqa: ARG001 - Django calls receivers with it
    *,
    instance: User,
    created: bool,
    raw: bool = False,
    **_kwargs: Any,
) -> None:
    """Make the profile of a new user; fixtures (``raw``) bring their own."""
    if created and not raw:
        Profile.objects.create(user=instance)
