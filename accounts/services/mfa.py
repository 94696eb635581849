"""The second factor: codes of an authenticator app (TOTP), and recovery codes.

Codes are made and checked by django-otp, which takes each code once. Guesses are counted here,
before a code is looked at.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_simplejwt.exceptions import TokenError

from accounts.models import User
from accounts.services.credentials import WrongPassword, confirm_password, count_code_guess
from accounts.services.sessions import Client
from accounts.services.sign_in import SignedIn, open_session
from accounts.tokens import MfaToken
from core import rate_limits
from core.errors import DomainError, InvalidInput
from core.rate_limits import RateLimited

RECOVERY_CODES: Final = 10
CODE_DIGITS: Final = 6


class AlreadyEnrolled(DomainError):
    """The second factor is on; switch it off before setting up another."""

    code = "mfa_already_on"
    title = "The second factor is switched on already."


class NotEnrolled(DomainError):
    code = "mfa_not_enrolled"
    title = "Begin with setting up the second factor."


class FactorRequired(DomainError):
    """Staff of this shop cannot do without."""

    code = "mfa_obligatory"
    title = "Staff needs a second factor in this shop."


class WrongCode(InvalidInput):
    """The authenticator app shows another code now."""

    code = "wrong_code"
    title = "The code is wrong or was used before."
    at = "#/code"


class RefusedCode(DomainError):
    """The code opens nothing."""

    code = "wrong_code"
    status = 401
    title = "The code is wrong or was used before."


class InvalidMfaToken(DomainError):
    """Not the token of a sign-in that was begun in the last minutes."""

    code = "mfa_token_invalid"
    status = 401
    title = "Sign in with your password again."


@dataclass(frozen=True, slots=True)
class Enrolment:
    secret: str
    otpauth_url: str


ENROL_ERRORS: Final = (WrongPassword, AlreadyEnrolled, RateLimited)
CONFIRM_ERRORS: Final = (WrongCode, NotEnrolled, RateLimited)
SWITCH_OFF_ERRORS: Final = (WrongPassword, FactorRequired, RateLimited)
FINISH_SIGN_IN_ERRORS: Final = (InvalidMfaToken, RefusedCode, RateLimited)


def enrol(*, user: User, current_password: str) -> Enrolment:
    """Make a secret for an authenticator app; nothing is asked for it until it is confirmed."""
    confirm_password(user=user, password=current_password)
    with transaction.atomic():
        _lock(user)
        if TOTPDevice.objects.filter(user=user, confirmed=True).exists():
            raise AlreadyEnrolled
        remove_devices(user=user)
        device = TOTPDevice.objects.create(user=user, name="app", confirmed=False)
    secret = base64.b32encode(device.bin_key).decode()
    return Enrolment(secret=secret, otpauth_url=device.config_url)


def confirm(*, user: User, code: str) -> list[str]:
    """Switch the second factor on, proved by a code, and return the recovery codes."""
    guesses = count_code_guess(user=user)
    with transaction.atomic():
        _lock(user)
        device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
        if device is None:
            raise NotEnrolled
        if not device.verify_token(code.strip()):
            raise WrongCode(pointer="#/code")
        device.confirmed = True
        device.last_t = -1  # this code has opened nothing: it may still sign in
        device.save(update_fields=["confirmed", "last_t"])
        recovery = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
        codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(
            StaticToken(device=recovery, token=token) for token in codes
        )
    rate_limits.give_back(guesses)
    return codes


def switch_off(*, user: User, current_password: str) -> None:
    confirm_password(user=user, password=current_password)
    if settings.STAFF_MFA_REQUIRED and (user.is_staff or user.roles):
        raise FactorRequired
    remove_devices(user=user)


@transaction.atomic
def remove_devices(*, user: User) -> None:
    for device_class in (TOTPDevice, StaticDevice):
        device_class.objects.filter(user=user).delete()


def finish_sign_in(*, mfa_token: str, code: str, client: Client, now: datetime) -> SignedIn:
    """Begin the session of someone whose password was right, if the code is too."""
    try:
        token = MfaToken.read(mfa_token)
    except TokenError as error:
        raise InvalidMfaToken from error
    user = User.objects.with_access().select_related("profile").get(pk=token.uuid("sub"))
    if not user.is_active or user.token_version != token["ver"]:
        raise InvalidMfaToken
    prove_code(user=user, code=code)
    return open_session(user=user, client=client, now=now)


def prove_code(*, user: User, code: str) -> None:
    """Check, and use up, a code of the app or a recovery code.

    Locks the device, so that of two who send one code one succeeds.
    """
    guesses = count_code_guess(user=user)
    code = code.strip()
    is_of_app = len(code) == CODE_DIGITS and code.isdigit()
    device_class = TOTPDevice if is_of_app else StaticDevice
    with transaction.atomic():
        device = device_class.objects.select_for_update().filter(user=user, confirmed=True).first()
        is_right = device is not None and device.verify_token(code.lower())
    if not is_right:
        raise RefusedCode
    rate_limits.give_back(guesses)


def _lock(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
