import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import User

pytestmark = pytest.mark.django_db

URL = "/api/v1/users/me/avatar/"
HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "hostile"


@pytest.fixture
def mine(user: User, api_for: Callable[[User], APIClient]) -> APIClient:
    return api_for(user)


def picture(size: tuple[int, int] = (600, 300)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, "teal").save(buffer, "PNG")
    return buffer.getvalue()


def put(client: APIClient, content: bytes, name: str = "me.png", kind: str = "image/png") -> Any:
    body = {"avatar": SimpleUploadedFile(name, content, kind)}
    return client.put(URL, body, format="multipart")


def test_keeps_a_picture_drawn_anew(mine: APIClient, user: User) -> None:
    answer = put(mine, picture())

    assert answer.status_code == 200, answer.content
    user.profile.refresh_from_db()
    url = answer.json()["profile"]["avatar"]
    assert url == f"http://testserver/media/{user.profile.avatar.name}"
    with user.profile.avatar.open() as file:
        assert Image.open(file).size == (512, 256)


def test_a_new_picture_removes_the_old_file(
    mine: APIClient, user: User, django_capture_on_commit_callbacks: Any
) -> None:
    put(mine, picture())
    user.profile.refresh_from_db()
    old = str(user.profile.avatar.name)

    with django_capture_on_commit_callbacks(execute=True):
        put(mine, picture())

    assert not default_storage.exists(old)


def test_removes_the_picture(mine: APIClient) -> None:
    put(mine, picture())

    assert mine.delete(URL).status_code == 204
    assert mine.delete(URL).status_code == 204
    assert mine.get("/api/v1/users/me/").json()["profile"]["avatar"] is None


@pytest.mark.parametrize(
    "name", ["../../evil.png", "a/b.php", "x.html", 'a"b.png', "ü\r\nX: y.png"]
)
def test_the_name_of_the_file_is_ours(mine: APIClient, user: User, name: str) -> None:
    put(mine, picture(), name=name)

    user.profile.refresh_from_db()
    folder, _, stored = str(user.profile.avatar.name).partition("/")
    assert (folder, stored[-4:]) == ("avatars", ".png")
    assert stored.count("/") == 0


def _hostile() -> list[Any]:
    if not HOSTILE.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="needs ../shared/data/hostile"))]
    entries = json.loads((HOSTILE / "manifest.json").read_text("utf-8"))
    return [pytest.param(e, id=e["file"]) for e in entries if e["file"].startswith("img/")]


@pytest.mark.parametrize("entry", _hostile())
def test_meets_hostile_files_with_care(mine: APIClient, entry: dict[str, Any]) -> None:
    path = HOSTILE / entry["file"]

    status = put(mine, path.read_bytes(), path.name, entry["content_type"]).status_code

    expected = {"accept": {200}, "reject": {400, 413}, "rows": {200, 400}}[entry["verdict"]]
    assert status in expected


def test_refuses_more_than_five_megabytes(mine: APIClient) -> None:
    answer = put(mine, b"x" * (5 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "image_too_large")
    assert put(mine, b"x" * (6 * 1024 * 1024)).status_code == 413


@pytest.mark.parametrize("body", [{}, {"avatar": "text"}])
def test_asks_for_a_file(mine: APIClient, body: dict[str, str]) -> None:
    assert mine.put(URL, body, format="multipart").status_code == 400


def test_takes_multipart_only(mine: APIClient) -> None:
    assert mine.put(URL, {"avatar": "x"}, format="json").status_code == 415
