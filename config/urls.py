from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.static import serve
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

from core.api import health, problem_pages
from core.api.document import DocumentViewSet

urlpatterns = [
    path("api/v1/", include("config.api_v1")),  # first, since most requests are for it
    path("", RedirectView.as_view(url="/api/docs/")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
    path("api/schema/", DocumentViewSet.as_view({"get": "retrieve"}), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/docs/errors/", problem_pages.index, name="problems"),
    path("api/docs/errors/<slug:code>/", problem_pages.page, name="problem"),
    path("api/redoc/", SpectacularRedocView.as_view(url_name="schema"), name="redoc"),
]

if not settings.MEDIA_URL.startswith("http") and settings.SERVE_MEDIA:
    urlpatterns.append(
        re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT})
    )

handler400 = "core.api.problems.bad_request"
handler403 = "core.api.problems.permission_denied"
handler404 = "core.api.problems.not_found"
handler500 = "core.api.problems.server_error"
