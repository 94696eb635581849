"""Uploading a file as staff do, and letting the job run."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from imports.services import jobs

URL = "/api/v1/products/import/"


def send(client: APIClient, content: bytes | str, **options: Any) -> Any:
    """Send a file and return the answer; nothing has been imported yet."""
    raw = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(options.pop("name", "products.csv"), raw)
    return client.post(URL, {"file": file, **options}, format="multipart")


def run(client: APIClient, content: bytes | str, **options: Any) -> dict[str, Any]:
    """Send a file, let the worker do its job, and return what the API says of it."""
    answer = send(client, content, **options)
    assert answer.status_code == 202, answer.content
    jobs.run_import(job_id=answer.json()["id"])
    found: dict[str, Any] = client.get(answer["Location"]).json()
    return found


def exported(client: APIClient, kind: str = "csv") -> bytes:
    """Return the export of the whole catalog."""
    answer: Any = client.get(f"/api/v1/products/export/?format={kind}")
    assert answer.status_code == 200
    buffer = BytesIO()
    for chunk in answer.streaming_content:
        buffer.write(chunk)
    return buffer.getvalue()
