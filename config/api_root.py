"""What one finds at the API's root: where to read on."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse


def api_root(request: HttpRequest) -> JsonResponse:
    """Answer the addresses of the interface's description."""
    pages = {"documentation": "docs", "reference": "redoc", "schema": "schema"}
    links = {name: request.build_absolute_uri(reverse(page)) for name, page in pages.items()}
    return JsonResponse({"name": "Tradepost", "version": "v1", **links})
