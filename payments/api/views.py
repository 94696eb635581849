"""Paying, and looking after payments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.api.access import Rule, anyone, machine, role, signed_in
from core.api.bodies import parse
from core.api.callers import cart_token_of
from core.api.filters import refuse_unknown_parameters
from core.api.idempotency import idempotent
from core.api.schema import CART_TOKEN, IDEMPOTENCY_KEY, operation
from core.api.viewsets import ApiViewSet, ReadMixin
from core.errors import DomainError
from core.rate_limits import Limit
from payments import selectors
from payments.api import examples
from payments.api.filters import PaymentFilter
from payments.api.serializers import (
    AmountSerializer,
    PaymentSerializer,
    PaySerializer,
    ProviderListSerializer,
    ProviderQuerySerializer,
    ReasonSerializer,
    RefundSerializer,
)
from payments.card_numbers import CardNumberRefused, refuse_card_numbers
from payments.gateways import offered_providers
from payments.models import Payment
from payments.services import paying, staff, webhooks

guest = Rule("guest with a cart token", lambda request: bool(cart_token_of(request)))
order_staff = role("payments.change_payment")
payment_refunder = machine("payments:refund")
payment_reader = machine("payments:read") | payment_refunder

RECEIVED = b'{"received":true}'
PAY_LIMIT = Limit("pay", 30, 60)


def customer_of(request: Request) -> User | None:
    return request.user if isinstance(request.user, User) else None


class PaymentViewSet(ReadMixin, ApiViewSet):
    """The payments of the caller's own orders; of all orders for staff."""

    queryset = Payment.objects.none()
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilter
    orderings: ClassVar = {"created_at": "created_at", "amount": "amount"}
    default_ordering: ClassVar = ("-created_at",)
    access: ClassVar = {
        "list": signed_in | guest | payment_reader,
        "retrieve": signed_in | guest | payment_reader,
        "providers": anyone,
        "create": signed_in | guest,
        "process": signed_in | guest,
        "capture": order_staff,
        "void": order_staff,
        "refund": order_staff | payment_refunder,
    }
    activities: ClassVar = dict.fromkeys(("create", "process"), "payment.made")
    limits: ClassVar = {"create": [PAY_LIMIT], "process": [PAY_LIMIT]}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse card numbers before anything is read, remembered or logged."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            refuse_card_numbers(request.data)

    def get_queryset(self) -> QuerySet[Payment]:
        if payment_reader.allows(self.request):
            return selectors.payments_with_transactions()
        if user := customer_of(self.request):
            return selectors.payments_visible_to(user)
        return selectors.payments_of_guest(cart_token_of(self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "is_list": self.action == "list"}

    @operation(
        "List payments",
        response=PaymentSerializer(many=True),
        example=examples.PAYMENT,
        parameters=[CART_TOKEN],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Newest first: of the caller's own orders, or of all orders for staff."""
        return super().list(request, *args, **kwargs)

    @operation(
        "Get a payment",
        response=PaymentSerializer,
        example=examples.PAYMENT,
        parameters=[CART_TOKEN],
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one payment with all its attempts, captures and refunds."""
        return super().retrieve(request, *args, **kwargs)

    @operation(
        "List the accepted payment providers",
        operation_id="listPaymentProviders",
        response=ProviderListSerializer,
        example=examples.PROVIDERS,
        parameters=[ProviderQuerySerializer],
    )
    @action(detail=False, pagination_class=None, filter_backends=[])
    def providers(self, request: Request) -> Response:
        """Return what this shop accepts for a country and a currency, in the order to offer it."""
        refuse_unknown_parameters(request, {"country", "currency"})
        query = ProviderQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        accepted = offered_providers(**query.validated_data)
        page = {"count": len(accepted), "next": None, "previous": None, "results": accepted}
        return Response(ProviderListSerializer(page).data)

    @operation(
        "Pay an order",
        request=PaySerializer,
        response=PaymentSerializer,
        status=201,
        request_example=examples.PAY,
        example=examples.PAYMENT,
        errors=(*paying.PAY_ERRORS, CardNumberRefused),
        parameters=[IDEMPOTENCY_KEY, CART_TOKEN],
    )
    @idempotent(atomic=False)
    def create(self, request: Request) -> Response:
        """Charge the whole order to a payment method that the provider gave a token for.

        201 with `status`: `succeeded` – the order is paid; `requires_action` – let the
        provider's script finish with `client_secret`; `pending` – the provider has not
        answered yet, read the payment again; `authorized` – staff captures later. When the
        provider refuses, the answer is 402, the attempt is recorded and the order stays
        payable. Tokens of the provider `test`: `tok_success`, `tok_declined`,
        `tok_insufficient_funds`, `tok_requires_action`, `tok_timeout`.

        A bank transfer is `authorized` by the promise of it: `bank_transfer` says where to send the
        money, in words and as a QR code, and so does an e-mail.
        """
        return self._pay(request)

    @operation(
        "Pay an order (alias)",
        request=PaySerializer,
        response=PaymentSerializer,
        status=201,
        request_example=examples.PAY,
        example=examples.PAYMENT,
        errors=(*paying.PAY_ERRORS, CardNumberRefused),
        parameters=[IDEMPOTENCY_KEY, CART_TOKEN],
    )
    @action(detail=False, methods=["post"])
    @idempotent(atomic=False)
    def process(self, request: Request) -> Response:
        """The same as `POST payments/`."""
        return self._pay(request)

    @operation(
        "Capture an authorized payment",
        request=AmountSerializer,
        response=PaymentSerializer,
        request_example=examples.AMOUNT,
        example=examples.PAYMENT,
        errors=(*staff.CAPTURE_PAYMENT_ERRORS, CardNumberRefused),
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    @idempotent(atomic=False)
    def capture(self, request: Request, pk: str) -> Response:
        """Take what is authorized, or `amount` of it; the order is paid once all is taken.

        Until then the payment is `partially_captured`: the rest can be captured or voided.
        """
        return self._carry_out(request, AmountSerializer, staff.capture_payment)

    @operation(
        "Void an authorized payment",
        request=ReasonSerializer,
        response=PaymentSerializer,
        request_example=examples.REASON,
        example=examples.PAYMENT | {"status": "cancelled"},
        errors=(*staff.VOID_PAYMENT_ERRORS, CardNumberRefused),
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    @idempotent(atomic=False)
    def void(self, request: Request, pk: str) -> Response:
        """Release what is authorized and not captured; what was captured can be refunded."""
        return self._carry_out(request, ReasonSerializer, staff.void_payment)

    @operation(
        "Refund a payment",
        request=RefundSerializer,
        response=PaymentSerializer,
        request_example=examples.REFUND,
        example=examples.REFUNDED,
        errors=(*staff.REFUND_PAYMENT_ERRORS, CardNumberRefused),
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    @idempotent(atomic=False)
    def refund(self, request: Request, pk: str) -> Response:
        """Refund what was captured: `amount` of it, what `items` and `shipping` cost, or `all`.

        One of these must be named: an empty body is refused with 400 `nothing_selected`.

        Of `items`, units that have not been shipped are not sent any more once the refund has
        succeeded, and an order of which all the rest has left is `shipped`; an amount belongs to no
        item.

        Parts are right to the cent: all units of a line sum to its total, all items and the
        shipping to the order's. Units that were returned count as refunded. Never more is
        refunded than was captured, also in parallel.
        """
        return self._carry_out(request, RefundSerializer, staff.refund_payment)

    def _pay(self, request: Request) -> Response:
        body = parse(PaySerializer, request.data)
        command = paying.PayOrder(
            order_id=body["order"],
            provider=body["provider"],
            payment_method=body["payment_method"],
        )
        selectors.require_own_order(
            order_id=command.order_id, user=customer_of(request), token=cart_token_of(request)
        )
        payment = paying.pay(command=command)
        return Response(PaymentSerializer.render(payment), status=status.HTTP_201_CREATED)

    def _carry_out(
        self,
        request: Request,
        serializer_class: type[serializers.Serializer[Any]],
        service: Callable[..., Payment],
    ) -> Response:
        payment = self.get_object()
        body = parse(serializer_class, request.data)
        service(request=staff.StaffRequest(payment_id=payment.pk, by=customer_of(request), **body))
        return Response(PaymentSerializer.render(selectors.payment_page(payment.pk)))


class WebhookView(ApiViewSet):
    """Where providers tell what happened."""

    authentication_classes = ()
    access: ClassVar = {"receive": anyone}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take what is in order at once: providers send thousands of the same kind.

        Anything else goes the way of every request, on which the same error gets its answer.
        """
        if request.method == "POST":
            with suppress(DomainError, SuspiciousOperation):
                return _receive(request, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    @operation(
        "Receive a provider's webhook",
        operation_id="receivePaymentWebhook",
        request={"application/json": {"type": "object"}},
        example={"received": True},
        request_example=examples.WEBHOOK,
        response={"type": "object", "properties": {"received": {"type": "boolean"}}},
        errors=webhooks.RECEIVE_WEBHOOK_ERRORS,
        parameters=list(examples.WEBHOOK_HEADERS),
    )
    def receive(self, request: Request, provider: str) -> HttpResponse:
        """Store the event and answer at once; a job applies it, once however often it comes.

        The signature is checked over the raw body. Events of kinds that tell us nothing are
        taken all the same.
        """
        return _receive(request, provider)


class RawHeaders(Mapping[str, str]):
    """The headers of a request, by names in lower case, looked up where the server put them.

    Django's own are all parsed before the first is read.
    """

    def __init__(self, environment: Mapping[str, Any]) -> None:
        self._environment = environment

    def __getitem__(self, name: str) -> str:
        return str(self._environment[f"HTTP_{name.upper().replace('-', '_')}"])

    def __iter__(self) -> Iterator[str]:
        names = (name for name in self._environment if name.startswith("HTTP_"))
        return (name.removeprefix("HTTP_").lower().replace("_", "-") for name in names)

    def __len__(self) -> int:
        return sum(1 for _name in self)


def _receive(request: HttpRequest | Request, provider: str) -> HttpResponse:
    headers = RawHeaders(request.META)
    webhooks.receive_webhook(provider=provider, body=request.body, headers=headers)
    answer = HttpResponse(RECEIVED, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
