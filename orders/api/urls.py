from django.urls import path

from orders.api.invoice_views import InvoiceView
from orders.api.return_views import ReturnViewSet
from orders.api.staff_views import OrderStaffViewSet
from orders.api.views import OrderLookupView, OrderViewSet

RETURNS = "orders/<str:key>/returns/"

urlpatterns = [
    path("orders/", OrderViewSet.as_view({"get": "list", "post": "create"})),
    path("orders/lookup/", OrderLookupView.as_view({"post": "lookup"})),
    path(
        "orders/<str:key>/",
        OrderViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
    ),
    path("orders/<str:key>/cancel/", OrderViewSet.as_view({"post": "cancel"})),
    path("orders/<str:key>/cancel-rest/", OrderStaffViewSet.as_view({"post": "cancel_rest"})),
    path("orders/<str:key>/payment-link/", OrderStaffViewSet.as_view({"post": "payment_link"})),
    path("orders/<str:key>/ship/", OrderStaffViewSet.as_view({"post": "ship"})),
    path("orders/<str:key>/deliver/", OrderStaffViewSet.as_view({"post": "deliver"})),
    path("orders/<str:key>/invoice/", InvoiceView.as_view({"get": "retrieve"})),
    path(RETURNS, ReturnViewSet.as_view({"get": "list", "post": "create"})),
    *(
        path(f"{RETURNS}<str:return_id>/{step}/", ReturnViewSet.as_view({"post": step}))
        for step in ("approve", "receive", "reject")
    ),
    path("orders/<str:key>/status/", OrderStaffViewSet.as_view({"post": "set_status"})),
]
