"""Routes below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from payments.api.views import PaymentViewSet, WebhookView

router = SimpleRouter()
router.register("payments", PaymentViewSet, basename="payment")

urlpatterns = [
    path("payments/webhooks/<slug:provider>/", WebhookView.as_view({"post": "receive"})),
    *router.urls,
]
