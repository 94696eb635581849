"""What the OpenAPI document allows and forbids is sent, and the answers are held against it."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from accounts.tests.factories import UserFactory
from config.tests.callers import access_token_of
from config.tests.shop import furnish
from core.api.document import document
from core.tests.waiting import PATIENCE_SECONDS

SECONDS = 30


def _written(folder: Path) -> Path:
    """Write the document without ``fields``, which leaves out what schemas require."""
    described = copy.deepcopy(document())
    for methods in described["paths"].values():
        for operation in methods.values():
            parameters = operation.get("parameters", [])
            operation["parameters"] = [
                parameter for parameter in parameters if parameter["name"] != "fields"
            ]
    path = folder / "openapi.json"
    path.write_text(json.dumps(described))
    return path


@pytest.mark.slow
@pytest.mark.any_server
@pytest.mark.django_db(transaction=True)
@override_settings(THROTTLE_SCALE=10**6)
def test_the_api_answers_as_its_document_says(live_server: LiveServer, tmp_path: Path) -> None:
    owner = UserFactory.create(
        is_staff=True,
        is_superuser=True,
        password=make_password(None),  # with the documented one the account would be erased
    )
    owner.groups.set(Group.objects.all())  # a change of one's own roles would end the session
    furnish(owner)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        str(_written(tmp_path)),
        f"--url={live_server.url}",
        f"--request-timeout={PATIENCE_SECONDS}",
        f"--header=Authorization: Bearer {access_token_of(owner)}",
        "--checks=all",
        "--exclude-checks=positive_data_acceptance",
        "--exclude-path-regex=logout-all",  # it would end the session that everything runs in
        "--workers=1",
        f"--max-time={SECONDS}",
        "--seed=1",  # the same cases in each run
        "--generation-database=none",
        "--no-shrink",
        "--no-color",
    ]

    run = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE_SECONDS,
        check=False,
    )

    assert run.returncode == 0, run.stdout
