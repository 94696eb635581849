"""auth/mfa/: switching the second factor on and off."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.response import Response

from accounts.api.auth_views import AuthViewSet
from accounts.api.examples import TOTP
from accounts.api.requests import UserRequest
from accounts.api.serializers import (
    ConfirmPasswordSerializer,
    ConfirmTotpSerializer,
    EnrolmentSerializer,
    RecoveryCodesSerializer,
)
from accounts.services import mfa
from core.api.access import signed_in
from core.api.schema import operation

PASSWORD = {"current_password": "correct-horse-battery"}


class TotpView(AuthViewSet):
    request: UserRequest
    access: ClassVar = dict.fromkeys(("enrol", "confirm", "switch_off"), signed_in)
    activities: ClassVar = {
        "confirm": "account.second_factor_on",
        "switch_off": "account.second_factor_off",
    }
    serializer_class = ConfirmPasswordSerializer

    @operation(
        "Set up an authenticator app",
        operation_id="enrolTotp",
        request=ConfirmPasswordSerializer,
        response=EnrolmentSerializer,
        request_example=PASSWORD,
        example=TOTP,
        errors=mfa.ENROL_ERRORS,
    )
    def enrol(self, request: UserRequest) -> Response:
        """Make a secret for the app. It counts once confirmed with a code."""
        enrolment = mfa.enrol(user=request.user, **self.command(request))
        return Response(EnrolmentSerializer(enrolment).data)

    @operation(
        "Switch the second factor on",
        request=ConfirmTotpSerializer,
        response=RecoveryCodesSerializer,
        request_example={"code": "123456"},
        example={"recovery_codes": ["mb4cgvq2", "zx7eew3k"]},
        errors=mfa.CONFIRM_ERRORS,
    )
    def confirm(self, request: UserRequest) -> Response:
        """Prove that the app works. The recovery codes in the answer are shown only now."""
        codes = mfa.confirm(user=request.user, **self.command(request, ConfirmTotpSerializer))
        return Response({"recovery_codes": codes})

    @operation(
        "Switch the second factor off",
        request=ConfirmPasswordSerializer,
        status=204,
        request_example=PASSWORD,
        errors=mfa.SWITCH_OFF_ERRORS,
    )
    def switch_off(self, request: UserRequest) -> Response:
        """Forget the app and the recovery codes."""
        mfa.switch_off(user=request.user, **self.command(request))
        return Response(status=204)
