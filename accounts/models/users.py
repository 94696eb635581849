from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group, Permission, PermissionsMixin
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, Value
from django.db.models.functions import Concat, Lower
from django.utils.functional import cached_property
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import text
from core.models import ALIVE, BaseModel, TimestampedModel


def _second_factor() -> dict[str, Any]:
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    return {"has_second_factor": models.Exists(devices)}


def _typed(raw_password: str | None) -> str | None:
    return None if raw_password is None else text.password(raw_password)


class UserManager(BaseUserManager["User"]):
    def with_access(self, *, staff_mfa: bool | None = None) -> models.QuerySet[User]:
        """Users with their roles and permissions, in the one query that loads them.

        ``staff_mfa`` tells whether staff need a second factor; by default the settings tell it.
        """
        roles = Group.objects.filter(user=OuterRef("pk")).order_by("name").values("name")
        permissions = Permission.objects.filter(group__user=OuterRef("pk")).values(
            label=Concat("content_type__app_label", Value("."), "codename")
        )
        access: dict[str, Any] = {
            "roles": ArraySubquery(roles),
            "role_permissions": ArraySubquery(permissions),
        }
        if settings.STAFF_MFA_REQUIRED if staff_mfa is None else staff_mfa:
            access |= _second_factor()
        return self.annotate(**access)

    def get_by_natural_key(self, username: str | None) -> User:
        users = self.with_access().annotate(**_second_factor())
        return users.select_related("profile").get(email=text.typed_email_address(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user; without a password, one who cannot sign in until it is reset."""
        user = self.model(email=text.typed_email_address(email), **fields)
        user.password = make_password(_typed(password))
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields = {
            "is_staff": True,
            "is_superuser": True,
            "is_email_verified": True,
        } | fields
        return self.create_user(email, password, **fields)


class User(AbstractBaseUser, PermissionsMixin, TimestampedModel):
    """Someone who can sign in. Never deleted: leaving anonymises, and orders keep their figures.

    ``token_version`` is carried by every token; raising it ends them all at once.
    """

    email = models.EmailField(max_length=254)
    last_login = None  # sessions know, and signing in writes less
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May open the admin.")
    is_email_verified = models.BooleanField(default=False)
    pending_email = models.EmailField(
        max_length=254, blank=True, default="", help_text="Becomes the address once confirmed."
    )
    token_version = models.PositiveIntegerField(default=1, editable=False)
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email"], name="one_user_per_email"),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="email_in_lower_case"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="users_newest_first")]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        """Bring the address into the form that is stored."""
        self.email = text.typed_email_address(self.email)

    @cached_property
    def roles(self) -> list[str]:
        return list(self.groups.order_by("name").values_list("name", flat=True))

    @cached_property
    def role_permissions(self) -> list[str]:
        """The permissions of the user's roles, as ``app.codename``."""
        pairs = Permission.objects.filter(group__user=self.pk).values_list(
            "content_type__app_label", "codename"
        )
        return [f"{app_label}.{codename}" for app_label, codename in pairs]

    @cached_property
    def has_second_factor(self) -> bool:
        """Whether signing in asks for a code as well."""
        return bool(TOTPDevice.objects.filter(user=self, confirmed=True).exists())

    @property
    def lacks_required_factor(self) -> bool:
        """Whether this is staff that may do nothing special before it sets up a second factor."""
        is_staff = self.is_staff or self.is_superuser or bool(self.roles)
        return bool(settings.STAFF_MFA_REQUIRED and is_staff and not self.has_second_factor)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return not self.lacks_required_factor and super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return not self.lacks_required_factor and super().has_module_perms(app_label)

    def set_password(self, raw_password: str | None) -> None:
        """Set a new password, which ends all tokens once both are saved."""
        super().set_password(_typed(raw_password))
        self.token_version += 1

    def check_password(self, raw_password: str | None) -> bool:
        """Tell whether this is the password; an old hash is renewed, which ends nothing."""

        def renew(raw_password: str) -> None:
            self.password = make_password(_typed(raw_password))
            self.save(update_fields=["password"])

        if check_password(_typed(raw_password), self.password, renew):
            return True
        # A hash from before passwords were normalised; most are the same in both forms.
        is_old = raw_password != _typed(raw_password)
        return is_old and check_password(raw_password, self.password, renew)

    def get_session_auth_hash(self) -> str:
        """Tie the admin's cookie to the token version, so that it ends with the tokens."""
        return f"{super().get_session_auth_hash()}-{self.token_version}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Accept the cookies signed with earlier secret keys, tied to the same version."""
        for password_hash in super().get_session_auth_fallback_hash():
            yield f"{password_hash}-{self.token_version}"


class Visibility(models.TextChoices):
    """Who may see a profile."""

    PRIVATE = "private"
    MEMBERS = "members"
    PUBLIC = "public"


class Profile(TimestampedModel):
    """What a user tells about themselves; made with the user, see ``accounts.signals``."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    first_name = models.CharField(max_length=150, blank=True, default="")
    last_name = models.CharField(max_length=150, blank=True, default="")
    phone_number = models.CharField(
        max_length=32, blank=True, default="", help_text="E.164; an extension after ;ext="
    )
    avatar = models.ImageField(upload_to="avatars/", blank=True, default="")
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values),
                name="profile_visibility_known",
            )
        ]

    def __str__(self) -> str:
        return self.full_name or str(self.user_id)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Address(BaseModel):
    """Where a user wants goods or invoices sent."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    full_name = models.CharField(max_length=200)
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True, default="")
    city = models.CharField(max_length=120, blank=True, default="")
    region = models.CharField(max_length=120, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    phone_number = models.CharField(
        max_length=32, blank=True, default="", help_text="E.164; an extension after ;ext="
    )
    is_default_shipping = models.BooleanField(default=False)
    is_default_billing = models.BooleanField(default=False)

    class Meta(BaseModel.Meta):
        verbose_name_plural = "addresses"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(is_default_shipping=True) & ALIVE,
                name="one_default_shipping_address",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(is_default_billing=True) & ALIVE,
                name="one_default_billing_address",
            ),
            models.CheckConstraint(
                condition=models.Q(country__regex=r"^[A-Z]{2}$"),
                name="address_country_two_letters",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="addresses_of_user")
        ]

    def __str__(self) -> str:
        return ", ".join(
            part for part in (self.full_name, self.line1, self.city, self.country) if part
        )
