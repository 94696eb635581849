from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import Group, Permission

from accounts.models import Address, Profile, User
from accounts.roles import Role, role_grants
from core.audit import Discrepancy, identity


@identity("every user has a profile")
def users_have_profiles() -> Iterator[Discrepancy]:
    for user in User.objects.filter(profile=None).iterator():
        yield Discrepancy(f"user {user.pk}", "a profile", "none")


@identity("nothing names a person who has left")
def erased_accounts_are_empty() -> Iterator[Discrepancy]:
    erased = User.objects.exclude(anonymised_at=None)
    for user in erased.exclude(email__endswith="@erased.invalid").iterator():
        yield Discrepancy(f"user {user.pk}", "no address", "an e-mail address")
    profiles = Profile.objects.filter(user__in=erased)
    for profile in profiles.exclude(first_name="", last_name="", phone_number="").iterator():
        yield Discrepancy(f"user {profile.user_id}", "an empty profile", "a name or number")
    for address in Address.all_objects.filter(user__in=erased).iterator():
        yield Discrepancy(f"user {address.user_id}", "no address", f"address {address.pk}")


@identity("each role has the permissions that the code gives it")
def roles_are_as_the_table_says() -> Iterator[Discrepancy]:
    labels = {
        permission.pk: f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.select_related("content_type")
    }
    for role in Role:
        expected = {label for label in labels.values() if role_grants(role, label)}
        held = Group.objects.filter(name=role).values_list("permissions", flat=True)
        found = {labels[pk] for pk in held if pk}
        for label in sorted(expected ^ found):
            wanted, present = str(label in expected), str(label in found)
            yield Discrepancy(f"role {role}: {label}", wanted, present)
