from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts import audit
from accounts.models import Address, Profile, User
from accounts.roles import PERMISSIONS, Role, role_grants
from accounts.services.erasure import erase
from accounts.services.roles import sync_roles
from accounts.tests.factories import AddressFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


def held_by(role: Role) -> set[str]:
    permissions = Permission.objects.filter(group__name=role)
    pairs = permissions.values_list("content_type__app_label", "codename")
    return {f"{app_label}.{codename}" for app_label, codename in pairs}


def test_every_role_has_its_permissions_after_migrating() -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= set(Role)
    assert "accounts.change_user" in held_by(Role.ADMINISTRATOR)
    assert "accounts.view_user" in held_by(Role.SUPPORT)
    assert "accounts.change_user" not in held_by(Role.SUPPORT)
    assert list(audit.roles_are_as_the_table_says()) == []


@pytest.mark.django_db(transaction=True)
def test_roles_come_back_when_the_tables_are_emptied() -> None:
    call_command("flush", interactive=False, verbosity=0)

    assert list(audit.roles_are_as_the_table_says()) == []


def test_migrating_sets_back_what_was_changed_by_hand(django_assert_num_queries: Any) -> None:
    support = Group.objects.get(name=Role.SUPPORT)
    support.permissions.set(Permission.objects.filter(codename="delete_user"))
    assert len(list(audit.roles_are_as_the_table_says())) > 1

    sync_roles(app_label="accounts")

    assert "accounts.delete_user" not in held_by(Role.SUPPORT)
    assert "accounts.view_user" in held_by(Role.SUPPORT)


def test_only_the_administrator_changes_accounts() -> None:
    for codename in ("add_user", "change_user", "delete_user", "change_group", "add_apikey"):
        app = "auth" if codename.endswith("group") else "accounts"
        holders = [role for role in Role if role_grants(role, f"{app}.{codename}")]
        assert holders == [Role.ADMINISTRATOR]


def test_every_role_has_a_decision() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_permissions_come_from_roles_alone() -> None:
    user = StaffFactory.create(role=Role.SUPPORT)
    user.user_permissions.add(Permission.objects.get(codename="delete_user"))

    user = User.objects.get(pk=user.pk)
    assert user.has_perm("accounts.view_user")
    assert not user.has_perm("accounts.delete_user")


def test_an_inactive_user_may_do_nothing() -> None:
    user = StaffFactory.create(role=Role.ADMINISTRATOR, is_active=False)

    assert not user.has_perm("accounts.view_user")
    assert not user.has_module_perms("accounts")


def test_asking_for_permissions_is_free_once_loaded(django_assert_num_queries: Any) -> None:
    StaffFactory.create(role=Role.SUPPORT)
    UserFactory.create()
    users = list(User.objects.with_access())

    with django_assert_num_queries(0):
        answers = [(user.has_perm("accounts.view_user"), user.roles) for user in users]

    assert sorted(answers) == [(False, []), (True, ["Support"])]


def test_the_audit_finds_users_without_profile() -> None:
    user = UserFactory.create()
    Profile.objects.all().delete()

    (found,) = audit.users_have_profiles()
    assert str(user.pk) in found.subject


def test_the_audit_finds_what_is_left_of_those_who_left() -> None:
    user = UserFactory.create()
    erase(user=user)
    assert list(audit.erased_accounts_are_empty()) == []

    AddressFactory.create(user=user)
    Profile.objects.update(first_name="Ada")
    User.objects.update(email="ada@example.com")

    assert len(list(audit.erased_accounts_are_empty())) == 3
    assert Address.objects.count() == 1
