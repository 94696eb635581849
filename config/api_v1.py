"""Mounts the API of every app below ``/api/v1/``."""

from django.urls import URLPattern, URLResolver, include, path

from config.api_root import api_root

# A request tries the apps in this order: what is called most comes first.
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("imports.api.urls")),  # its products/import/ is no product's slug
    path("", include("listings.api.urls")),
    path("", include("cart.api.urls")),
    path("", include("orders.api.urls")),
    path("", include("payments.api.urls")),
    path("", include("inventory.api.urls")),
    path("", include("shipping.api.urls")),
    path("", include("accounts.api.urls")),
    path("", api_root, name="api-root"),
]
