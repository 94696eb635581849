"""What comes in and goes out about accounts. Output serializers are named after the model."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from accounts.models import Activity, Address, Profile, User, Visibility
from core.api.bodies import InputSerializer
from core.api.fields import TextField
from core.api.shaping import ShapedSerializer
from core.text import email_address, one_line

EMAIL_LENGTH = 254
PASSWORD_LENGTH = 256


class EmailAddressField(serializers.EmailField):
    """An e-mail address in the form that is checked and stored, see ``core.text``."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return email_address(str(super().to_internal_value(data)))
        except ValueError:
            self.fail("invalid")

    def run_validation(self, data: Any = empty) -> Any:
        """Leave out what nobody can see in an address that was copied."""
        return super().run_validation(one_line(data) if isinstance(data, str) else data)


def password_field() -> serializers.CharField:
    return TextField(
        max_length=PASSWORD_LENGTH,
        trim_whitespace=False,
        write_only=True,
        style={"input_type": "password"},
    )


class ProfileSerializer(serializers.ModelSerializer[Profile]):
    """A person's own profile."""

    avatar = serializers.ImageField(read_only=True, allow_null=True)

    class Meta:
        model = Profile
        fields = ("first_name", "last_name", "phone_number", "avatar", "visibility")


class UserSerializer(ShapedSerializer, serializers.ModelSerializer[User]):
    """The signed-in person's own account."""

    roles = serializers.ListField(child=serializers.CharField())
    pending_email = serializers.SerializerMethodField(
        help_text="The address that becomes `email` once the link sent there is followed."
    )
    profile = ProfileSerializer()

    class Meta:
        model = User
        fields: tuple[str, ...] = (
            "id",
            "email",
            "is_email_verified",
            "pending_email",
            "roles",
            "profile",
            "created_at",
        )

    def get_pending_email(self, user: User) -> str | None:
        return user.pending_email or None


class SignedInSerializer(serializers.Serializer[Any]):
    """Who has signed in, and the tokens."""

    user = UserSerializer()
    access = serializers.CharField(source="tokens.access", help_text="Bearer token for 15 minutes.")
    refresh = serializers.CharField(source="tokens.refresh", help_text="Good for one refresh.")


class TokenPairSerializer(serializers.Serializer[Any]):
    """A new access token and the next refresh token."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class RegisterSerializer(InputSerializer[dict[str, Any]]):
    """Make an account."""

    email = EmailAddressField(max_length=EMAIL_LENGTH)
    password = password_field()
    first_name = TextField(max_length=150, required=False, allow_blank=True)
    last_name = TextField(max_length=150, required=False, allow_blank=True)


class SignInSerializer(InputSerializer[dict[str, Any]]):
    """Sign in with e-mail address and password."""

    email = TextField(max_length=EMAIL_LENGTH)
    password = password_field()


class RefreshSerializer(InputSerializer[dict[str, Any]]):
    """Carry a refresh token."""

    refresh = TextField(max_length=4096)


class ChangePasswordSerializer(InputSerializer[dict[str, Any]]):
    """Change one's password."""

    current_password = password_field()
    new_password = password_field()


class RequestResetSerializer(InputSerializer[dict[str, Any]]):
    """Ask for a link to set a new password."""

    email = EmailAddressField(max_length=EMAIL_LENGTH)


class ResetPasswordSerializer(InputSerializer[dict[str, Any]]):
    """Set a new password with what the e-mail's link carries."""

    uid = TextField(max_length=100)
    token = TextField(max_length=200)
    new_password = password_field()


class VerifyEmailSerializer(InputSerializer[dict[str, Any]]):
    """Verify an e-mail address with what the e-mail's link carries."""

    uid = TextField(max_length=100)
    token = TextField(max_length=200)


class ChangeProfileSerializer(InputSerializer[dict[str, Any]]):
    """The parts of a profile that its owner changes; the avatar has a route of its own."""

    shown_as = ProfileSerializer

    first_name = TextField(max_length=150, allow_blank=True, default="")
    last_name = TextField(max_length=150, allow_blank=True, default="")
    phone_number = TextField(max_length=40, allow_blank=True, default="")
    visibility = serializers.ChoiceField(choices=Visibility.choices, default=Visibility.PRIVATE)


class ChangeAccountSerializer(InputSerializer[dict[str, Any]]):
    """Change one's account, in the shape of the answer."""

    shown_as = UserSerializer

    email = EmailAddressField(max_length=EMAIL_LENGTH)
    current_password = TextField(
        max_length=PASSWORD_LENGTH,
        trim_whitespace=False,
        required=False,
        write_only=True,
        help_text="Needed to change `email`.",
    )
    profile = ChangeProfileSerializer()


class ConfirmPasswordSerializer(InputSerializer[dict[str, Any]]):
    """Ask for the password again before a sensitive change."""

    current_password = password_field()


class AddressSerializer(ShapedSerializer, serializers.ModelSerializer[Address]):
    """An address of the signed-in person."""

    class Meta:
        model = Address
        fields = (
            "id",
            "full_name",
            "line1",
            "line2",
            "city",
            "region",
            "postal_code",
            "country",
            "phone_number",
            "is_default_shipping",
            "is_default_billing",
            "created_at",
            "updated_at",
        )


class SaveAddressSerializer(InputSerializer[dict[str, Any]]):
    """An address as its owner gives it; the country decides what must be there."""

    shown_as = AddressSerializer

    full_name = TextField(max_length=200)
    line1 = TextField(max_length=200)
    line2 = TextField(max_length=200, allow_blank=True, default="")
    city = TextField(max_length=120, allow_blank=True, default="")
    region = TextField(max_length=120, allow_blank=True, default="")
    postal_code = TextField(max_length=20, allow_blank=True, default="")
    country = TextField(min_length=2, max_length=2, help_text="ISO 3166-1 alpha-2")
    phone_number = TextField(max_length=40, allow_blank=True, default="")
    is_default_shipping = serializers.BooleanField(default=False)
    is_default_billing = serializers.BooleanField(default=False)


class PublicProfileSerializer(serializers.ModelSerializer[Profile]):
    """What a profile shows to others."""

    id = serializers.UUIDField(source="user_id")
    avatar = serializers.ImageField(read_only=True, allow_null=True)

    class Meta:
        model = Profile
        fields = ("id", "first_name", "last_name", "avatar", "created_at")


class StaffUserSerializer(UserSerializer):
    """An account as staff sees it."""

    class Meta(UserSerializer.Meta):
        fields = (*UserSerializer.Meta.fields, "is_active", "is_staff")


class ChangeAccessSerializer(InputSerializer[dict[str, Any]]):
    """Set what a user may do."""

    roles = serializers.ListField(
        child=TextField(max_length=150), max_length=50, help_text="Names of roles."
    )
    is_active = serializers.BooleanField()


class SetAvatarSerializer(InputSerializer[dict[str, Any]]):
    """Carry a picture; what it is shows when it is decoded."""

    avatar = serializers.FileField(allow_empty_file=True, use_url=False)


class ActivitySerializer(ShapedSerializer, serializers.ModelSerializer[Activity]):
    """Something that the account did."""

    address = serializers.CharField(source="ip_address", allow_null=True)
    time = serializers.DateTimeField(source="occurred_at")

    class Meta:
        model = Activity
        fields = ("id", "action", "target", "address", "user_agent", "time")


class EnrolmentSerializer(serializers.Serializer[Any]):
    """What an authenticator app needs."""

    secret = serializers.CharField(help_text="Base32, to type in.")
    otpauth_url = serializers.CharField(help_text="To show as a QR code.")


class ConfirmTotpSerializer(InputSerializer[dict[str, Any]]):
    """Carry a code of the authenticator app."""

    code = TextField(max_length=20)


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    """Codes that replace the app, each once; they are shown only now."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class VerifyMfaSerializer(InputSerializer[dict[str, Any]]):
    """Finish signing in with a code of the app, or a recovery code."""

    mfa_token = TextField(max_length=4096)
    code = TextField(max_length=20)
