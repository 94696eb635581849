"""The container files: linted, and their commands run as far as this machine can."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.tests import compose
from core.tests.waiting import PATIENCE_SECONDS

ROOT = compose.ROOT
BIN = Path(sys.executable).parent
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "s" * 60,
    "JWT_SIGNING_KEY": "j" * 60,
    "ALLOWED_HOSTS": "shop.example.com",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing",
    "REDIS_URL": "",
    "PAYMENT_GATEWAYS": "payments.gateways.test.TestGateway",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return compose.services({"POSTGRES_PASSWORD": "secret"})


@pytest.fixture
def container_environment(tmp_path: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    here = {"PATH": compose.path_to(BIN), "PORT": port, "DATA_DIR": str(tmp_path)}
    return os.environ | PRODUCTION | here


@pytest.mark.skipif(not (BIN / "hadolint").exists(), reason="no hadolint for this machine")
def test_the_dockerfile_has_no_lint() -> None:
    done = subprocess.run(
        [BIN / "hadolint", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_runs_as_an_ordinary_user() -> None:
    last_stage = compose.dockerfile().rpartition("\nFROM ")[2]
    assert "\nUSER 10001:10001\n" in last_stage


def test_the_image_serves_and_finds_itself_healthy(container_environment: dict[str, str]) -> None:
    server = subprocess.Popen(
        compose.main_command(), cwd=ROOT, env=container_environment, stderr=subprocess.PIPE
    )
    with server:
        health = wait_until_healthy(compose.health_check(), container_environment)
        server.terminate()
    assert health.returncode == 0, health.stderr


def wait_until_healthy(
    check: list[str], environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        health = subprocess.run(check, env=environment, capture_output=True, text=True, check=False)
        if health.returncode == 0 or time.monotonic() > end:
            return health
        time.sleep(0.3)


def test_the_image_is_unhealthy_without_a_server(container_environment: dict[str, str]) -> None:
    check = compose.health_check()
    health = subprocess.run(check, env=container_environment, capture_output=True, check=False)
    assert health.returncode == 1


def test_compose_has_the_whole_shop(services: dict[str, Any]) -> None:
    assert set(services) == {
        "proxy",
        "migrate",
        "web",
        "worker",
        "postgres",
        "redis",
        "mailpit",
    }


def test_every_lasting_service_has_a_health_check(services: dict[str, Any]) -> None:
    without = {name for name, service in services.items() if "healthcheck" not in service}
    assert without == {"web"}  # the image's own


def test_compose_starts_the_shop_on_a_migrated_database(services: dict[str, Any]) -> None:
    for name in ("web", "worker"):
        migrated = services[name]["depends_on"]["migrate"]
        assert migrated == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("service", ["migrate", "worker"])
def test_compose_runs_commands_that_exist(
    services: dict[str, Any], service: str, container_environment: dict[str, str]
) -> None:
    command = [*services[service]["command"], "--help"]
    done = subprocess.run(
        command, cwd=ROOT, env=container_environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_worker_of_compose_is_the_makefiles(services: dict[str, Any]) -> None:
    command = " ".join(services["worker"]["command"][1:3])
    assert f"$(PYTHON) {command}" in (ROOT / "Makefile").read_text("utf-8")


def test_compose_takes_its_secrets_from_the_environment(services: dict[str, Any]) -> None:
    assert all(services[name]["env_file"] == ".env" for name in ("migrate", "web", "worker"))
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] == "secret"
    with pytest.raises(LookupError, match="POSTGRES_PASSWORD"):
        compose.services({})


def test_only_the_proxy_is_reached_from_outside(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert published.pop("proxy") == ["80:80", "443:443", "443:443/udp"]
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_commit_hooks_run_the_projects_own_tools() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [hook["entry"].split()[0] for hook in hooks] == [
        ".venv/bin/ruff",
        ".venv/bin/ruff",
        ".venv/bin/mypy",
    ]
