from django.urls import path

from cart.api import views
from cart.api.coupon_views import CartCouponViewSet
from cart.api.login_views import LoginView
from cart.api.saved_views import SavedItemViewSet

urlpatterns = [
    path("auth/login/", LoginView.as_view({"post": "login"})),
    path("auth/mfa/verify/", LoginView.as_view({"post": "verify_mfa"})),
    path("cart/", views.CartViewSet.as_view({"get": "retrieve", "delete": "clear"})),
    path("cart/items/", views.CartItemViewSet.as_view({"post": "create"})),
    path(
        "cart/items/<uuid:pk>/",
        views.CartItemViewSet.as_view(
            {"put": "update", "patch": "partial_update", "delete": "destroy"}
        ),
    ),
    path("cart/items/<uuid:pk>/save/", SavedItemViewSet.as_view({"post": "save"})),
    path("cart/saved/", SavedItemViewSet.as_view({"get": "read"})),
    path("cart/saved/<uuid:pk>/", SavedItemViewSet.as_view({"delete": "destroy"})),
    path("cart/saved/<uuid:pk>/move/", SavedItemViewSet.as_view({"post": "move"})),
    path("cart/coupons/", CartCouponViewSet.as_view({"post": "create"})),
    path("cart/coupons/<str:code>/", CartCouponViewSet.as_view({"delete": "destroy"})),
    path("cart/merge/", views.CartViewSet.as_view({"post": "merge"})),
    path("cart/quote/", views.CartViewSet.as_view({"post": "quote"})),
    path("cart/shipping-methods/", views.CartViewSet.as_view({"get": "shipping_methods"})),
]
