"""auth/: signing in, which joins the cart of a guest, and so is of this floor."""

from __future__ import annotations

from typing import ClassVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth_views import AuthViewSet
from accounts.api.client import client_of, remember_device
from accounts.api.examples import SIGNED_IN, TOKENS
from accounts.api.serializers import (
    SignedInSerializer,
    SignInSerializer,
    VerifyMfaSerializer,
)
from accounts.models import User
from accounts.services import mfa, sign_in
from cart import services
from core.api.access import anyone
from core.api.callers import cart_token_of
from core.api.schema import operation
from core.rate_limits import Limit


class LoginView(AuthViewSet):
    """Signing in, after which a guest's cart belongs to the customer."""

    access: ClassVar = {"login": anyone, "verify_mfa": anyone}
    activities: ClassVar = dict.fromkeys(("login", "verify_mfa"), "account.signed_in")
    # Beside the far lower limits on wrong guesses, which accounts.services.credentials counts.
    limits: ClassVar = dict.fromkeys(("login", "verify_mfa"), (Limit("sign-in", 300, 300),))
    authentication_classes = ()
    serializer_class = SignInSerializer

    @operation(
        "Sign in",
        request=SignInSerializer,
        response=SignedInSerializer,
        request_example={"email": "ada@example.com", "password": "correct-horse-battery"},
        example=SIGNED_IN,
        errors=sign_in.SIGN_IN_ERRORS,
    )
    def login(self, request: Request) -> Response:
        """Trade e-mail address and password for tokens.

        A wrong address and a wrong password are answered alike. A guest's cart, named by
        `X-Cart-Token`, joins the customer's. Where a second factor is switched on, the answer is
        401 `mfa_required` with an `mfa_token` for `auth/mfa/verify/`.
        """
        result = sign_in.sign_in(
            **self.command(request), client=client_of(request), now=timezone.now()
        )
        self._join_cart(request, result.user)
        return self.answer(result)

    @operation(
        "Sign in with the second factor",
        request=VerifyMfaSerializer,
        response=SignedInSerializer,
        request_example={"mfa_token": TOKENS["access"], "code": "123456"},
        example=SIGNED_IN,
        errors=mfa.FINISH_SIGN_IN_ERRORS,
    )
    def verify_mfa(self, request: Request) -> Response:
        """Trade the `mfa_token` of a sign-in and a code for tokens; recovery codes work once."""
        result = mfa.finish_sign_in(
            **self.command(request, VerifyMfaSerializer),
            client=client_of(request),
            now=timezone.now(),
        )
        self._join_cart(request, result.user)
        return self.answer(result)

    def answer(self, result: sign_in.SignedIn) -> Response:
        """Return user and tokens, and let the browser keep that it signed in."""
        context = self.get_serializer_context()
        response = Response(SignedInSerializer(result, context=context).data)
        remember_device(response, result.user)
        return response

    def _join_cart(self, request: Request, customer: User) -> None:
        if token := cart_token_of(request):
            services.merge_guest_cart(customer=customer, token=token)
