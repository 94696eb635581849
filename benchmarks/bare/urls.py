"""One view that answers the same bytes every time."""

import os
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path

ANSWER = Path(os.environ["BARE_ANSWER_FILE"]).read_bytes()


def constant(_request: HttpRequest) -> HttpResponse:
    headers = {"Content-Length": str(len(ANSWER))}
    return HttpResponse(ANSWER, content_type="application/json", headers=headers)


urlpatterns = [path("", constant)]
