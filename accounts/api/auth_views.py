"""auth/: register, sign in, stay signed in, sign out."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.api.client import client_of, remember_device
from accounts.api.examples import SIGNED_IN, TOKENS
from accounts.api.requests import UserRequest
from accounts.api.serializers import (
    ChangePasswordSerializer,
    RefreshSerializer,
    RegisterSerializer,
    RequestResetSerializer,
    ResetPasswordSerializer,
    SignedInSerializer,
    TokenPairSerializer,
    VerifyEmailSerializer,
)
from accounts.models import SessionEnd
from accounts.services import (
    email_addresses,
    passwords,
    sessions,
    sign_in,
)
from core import rate_limits
from core.api.access import anyone, signed_in
from core.api.callers import address_of
from core.api.schema import operation
from core.api.viewsets import ApiViewSet
from core.rate_limits import Limit, RateLimited


class AuthViewSet(ApiViewSet):
    """What happens before anyone is known: limits count by network address."""

    def check_throttles(self, request: Request) -> None:
        """Count this call against the action's limits, by address: a cart token is no excuse."""
        hits = [(limit, address_of(request)) for limit in self.limits.get(self.action or "", ())]
        self.usages = rate_limits.hit_all(hits) if hits else []

    def command(
        self, request: Request, serializer_class: type[Serializer[Any]] | None = None
    ) -> dict[str, str]:
        kind: Any = serializer_class or self.get_serializer_class()
        command: dict[str, str] = self.parsed(kind)
        return command


class RegistrationView(AuthViewSet):
    access: ClassVar = {"register": anyone}
    activities: ClassVar = {"register": "account.registered"}
    limits: ClassVar = {"register": [Limit("registration", 200, 3600)]}
    authentication_classes = ()
    serializer_class = RegisterSerializer

    @operation(
        "Register",
        request=RegisterSerializer,
        response=SignedInSerializer,
        status=201,
        request_example={"email": "ada@example.com", "password": "correct-horse-battery"},
        example=SIGNED_IN,
        errors=(*sign_in.REGISTER_ERRORS, RateLimited),
    )
    def register(self, request: Request) -> Response:
        """Make an account and sign in. A link to verify the address goes out by e-mail."""
        registration = sign_in.Registration(**self.command(request))
        result = sign_in.register(
            registration=registration, client=client_of(request), now=timezone.now()
        )
        answer = SignedInSerializer(result, context=self.get_serializer_context())
        response = Response(answer.data, status=201)
        remember_device(response, result.user)
        return response


class SessionViewSet(AuthViewSet):
    """Staying signed in, and signing out."""

    access: ClassVar = {"refresh": anyone, "logout": anyone}
    authentication_classes = ()
    serializer_class = RefreshSerializer

    @operation(
        "Refresh",
        request=RefreshSerializer,
        response=TokenPairSerializer,
        request_example={"refresh": TOKENS["refresh"]},
        example=TOKENS,
        errors=sessions.REFRESH_SESSION_ERRORS,
    )
    def refresh(self, request: Request) -> Response:
        """Trade a refresh token for new tokens; it works once.

        Sending a used one again ends the session it belongs to, as it may have been stolen.
        """
        pair = sessions.refresh_session(**self.command(request), now=timezone.now())
        return Response(TokenPairSerializer(pair).data)

    @operation(
        "Sign out",
        request=RefreshSerializer,
        status=204,
        request_example={"refresh": TOKENS["refresh"]},
        errors=sessions.END_SESSION_ERRORS,
    )
    def logout(self, request: Request) -> Response:
        """End the session of this refresh token, with all its tokens."""
        sessions.end_session(**self.command(request))
        return Response(status=204)


class AllSessionsView(AuthViewSet):
    request: UserRequest
    access: ClassVar = {"logout_all": signed_in}
    activities: ClassVar = {"logout_all": "account.signed_out_everywhere"}

    @operation("Sign out everywhere", status=204)
    def logout_all(self, request: UserRequest) -> Response:
        """End every session of the account, this one included."""
        sessions.end_all_sessions(user=request.user, reason=SessionEnd.LOGGED_OUT_EVERYWHERE)
        return Response(status=204)


class ChangePasswordView(AuthViewSet):
    request: UserRequest
    access: ClassVar = {"change": signed_in}
    activities: ClassVar = {"change": "account.password_changed"}
    serializer_class = ChangePasswordSerializer

    @operation(
        "Change the password",
        request=ChangePasswordSerializer,
        response=TokenPairSerializer,
        request_example={
            "current_password": "correct-horse-battery",
            "new_password": "staple-9-tea",
        },
        example=TOKENS,
        errors=passwords.CHANGE_PASSWORD_ERRORS,
    )
    def change(self, request: UserRequest) -> Response:
        """Set a new password. Every token issued so far ends; the answer brings new ones."""
        pair = passwords.change_password(
            user=request.user,
            passwords=passwords.NewPassword(**self.command(request)),
            client=client_of(request),
            now=timezone.now(),
        )
        return Response(TokenPairSerializer(pair).data)


class ResetRequestView(AuthViewSet):
    access: ClassVar = {"reset": anyone}
    limits: ClassVar = {"reset": [Limit("password-reset", 60, 3600)]}
    authentication_classes = ()
    serializer_class = RequestResetSerializer

    @operation(
        "Ask for a password reset",
        request=RequestResetSerializer,
        status=202,
        request_example={"email": "ada@example.com"},
        errors=passwords.REQUEST_RESET_ERRORS,
    )
    def reset(self, request: Request) -> Response:
        """Send a link, good for one hour and one use, if there is such an account.

        The answer does not tell whether there is.
        """
        passwords.request_reset(**self.command(request))
        return Response(status=202)


class ResetConfirmationView(AuthViewSet):
    access: ClassVar = {"confirm": anyone}
    limits: ClassVar = {"confirm": [Limit("password-reset-confirmation", 60, 3600)]}
    authentication_classes = ()
    serializer_class = ResetPasswordSerializer

    @operation(
        "Reset the password",
        request=ResetPasswordSerializer,
        status=204,
        request_example={"uid": "MDE5OA", "token": "c8x2-6b1f", "new_password": "staple-9-tea"},
        errors=(*passwords.RESET_PASSWORD_ERRORS, RateLimited),
    )
    def confirm(self, request: Request) -> Response:
        """Set a new password with what the e-mailed link carries; every session ends."""
        passwords.reset_password(**self.command(request))
        return Response(status=204)


class EmailVerificationView(AuthViewSet):
    access: ClassVar = {"verify": anyone}
    limits: ClassVar = {"verify": [Limit("email-verification", 60, 3600)]}
    authentication_classes = ()
    serializer_class = VerifyEmailSerializer

    @operation(
        "Verify the e-mail address",
        request=VerifyEmailSerializer,
        status=204,
        request_example={"uid": "MDE5OA", "token": "c8x2-6b1f"},
        errors=(*email_addresses.VERIFY_EMAIL_ERRORS, RateLimited),
    )
    def verify(self, request: Request) -> Response:
        """Prove with what the e-mailed link carries that the address is yours."""
        email_addresses.verify_email(**self.command(request))
        return Response(status=204)


class VerificationResendView(AuthViewSet):
    request: UserRequest
    access: ClassVar = {"resend": signed_in}

    @operation(
        "Send the verification e-mail again",
        operation_id="resendVerification",
        status=202,
        errors=email_addresses.REQUEST_VERIFICATION_ERRORS,
    )
    def resend(self, request: UserRequest) -> Response:
        """Send a new link to the address that waits for verification."""
        email_addresses.request_verification(user=request.user)
        return Response(status=202)
