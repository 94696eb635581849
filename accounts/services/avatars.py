from __future__ import annotations

import secrets
from functools import partial
from typing import IO, Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.events import ProfileChanged
from accounts.models import Profile, User
from core import events, images

MAXIMUM_BYTES: Final = 5 * 1024 * 1024
MAXIMUM_SIDE: Final = 512

SET_AVATAR_ERRORS: Final = (images.ImageTooLarge, images.TooManyPixels, images.UnreadableImage)


def set_avatar(*, user: User, file: IO[bytes]) -> Profile:
    """Keep the picture, drawn anew within 512 pixels, in place of the one before."""
    image = images.reencode(file, max_bytes=MAXIMUM_BYTES, max_side=MAXIMUM_SIDE)
    name = default_storage.save(
        f"avatars/{secrets.token_urlsafe(16)}.{image.extension}", ContentFile(image.content)
    )
    return _replace(user, name)


def remove_avatar(*, user: User) -> Profile:
    return _replace(user, "")


@transaction.atomic
def _replace(user: User, name: str) -> Profile:
    profile = Profile.objects.select_for_update().get(user=user)
    before = profile.avatar.name
    if before == name:
        return profile
    profile.avatar = name
    profile.save(update_fields=["avatar", "updated_at"])
    user.profile = profile
    if before:
        transaction.on_commit(partial(default_storage.delete, before))
    events.emit(ProfileChanged(user_id=user.pk, fields="avatar"))
    return profile
