"""`compose.yaml` without Docker: every variable is read, every command exists, no secret stands in it, no port is open to others."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest
import typer
import yaml
from prefect.settings import Settings as PrefectSettings
from prefect.settings.legacy import _get_valid_setting_names

from flows.cli import app
from rasoat.settings import ROOT, Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = "rasoat:local"
IMAGES = {  # what the official images' own documentation names; PREFECT_* and RASOAT_* are asked of the programs
    "docker.elastic.co/elasticsearch/elasticsearch": {
        "discovery.type",
        "xpack.security.enabled",
        "xpack.security.http.ssl.enabled",
        "ES_JAVA_OPTS",
        "ELASTIC_PASSWORD_FILE",
    },
    "postgres": {"POSTGRES_PASSWORD_FILE"},
    "prefecthq/prefect": {"DO_NOT_TRACK"},
    "caddy": set(),
    OWN: {"DO_NOT_TRACK", "FORWARDED_ALLOW_IPS"},  # Prefect's client; uvicorn
}
every_service = pytest.mark.parametrize("name", SERVICES)


def _environment(name: str) -> dict[str, str]:
    found: dict[str, str] = SERVICES[name].get("environment", {})
    return found


def _image(name: str) -> str:
    image: str = SERVICES[name]["image"]
    return image if image == OWN else image.rpartition(":")[0]


@cache
def _prefect_names() -> set[str]:
    return set(_get_valid_setting_names(PrefectSettings))


@every_service
def test_every_variable_is_a_setting_that_somebody_reads(name: str) -> None:
    for variable in _environment(name):
        if variable.startswith("RASOAT_"):
            assert _image(name) == OWN
            assert variable.removeprefix("RASOAT_").lower() in Settings.model_fields
        elif variable.startswith("PREFECT_"):
            assert variable in _prefect_names()
        else:
            assert variable in IMAGES[_image(name)]
    ours = {key.removeprefix("RASOAT_").lower(): value for key, value in _environment(name).items() if key.startswith("RASOAT_")}
    Settings.model_validate(ours)


@every_service
def test_no_secret_is_written_down(name: str) -> None:
    mine = set(SERVICES[name].get("secrets", []))
    assert mine <= set(COMPOSE["secrets"])
    for variable, value in _environment(name).items():
        assert not re.search(r"://[^/\s]*:[^/\s]*@", value), variable
        if value.startswith("/run/secrets/"):
            assert value.removeprefix("/run/secrets/") in mine, f"{name} is not given {value}"
        if re.search("PASSWORD|TOKEN|SECRET|_KEY|NOTIFY_URL", variable):
            assert value.startswith("/run/secrets/"), variable


def test_secrets_are_files_that_git_and_images_never_see_and_that_one_script_makes() -> None:
    made = (ROOT / "compose" / "make-secrets.sh").read_text("utf-8")
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
        assert f" {name}" in made
    assert "secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "secrets" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


@every_service
def test_no_port_is_published_beyond_this_machine(name: str) -> None:
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert "network_mode" not in SERVICES[name]
    assert not SERVICES[name].get("privileged")


@every_service
def test_every_command_exists(name: str) -> None:
    program, *words = SERVICES[name].get("command") or ["none"]
    if program == "rasoat":
        assert _image(name) == OWN
        command: Any = typer.main.get_command(app)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        command.make_context(name, words, resilient_parsing=False)
    elif program == "prefect":
        verbs = [word for word in words if word.isalpha()]
        done = subprocess.run([sys.executable, "-m", "prefect", *verbs, "--help"], capture_output=True, text=True, check=True, timeout=60)
        assert all(word in done.stdout for word in words if word.startswith("--"))
    else:
        assert program == "none"


@every_service
def test_what_a_service_needs_is_there(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.partition(":")[0]
        assert (ROOT / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"], volume
    for network in SERVICES[name]["networks"]:
        assert network in COMPOSE["networks"]
    for needed, how in _needs(name).items():
        assert needed in SERVICES
        if how == "service_healthy":
            assert "healthcheck" in SERVICES[needed]
        if how == "service_completed_successfully":
            assert "restart" not in SERVICES[needed] or SERVICES[needed]["restart"] == "no"


def _needs(name: str) -> dict[str, str]:
    needs = SERVICES[name].get("depends_on", {})
    return {one: "" for one in needs} if isinstance(needs, list) else {one: how["condition"] for one, how in needs.items()}


def test_the_proxy_alone_stands_before_the_site() -> None:
    assert "ports" not in SERVICES["site"]
    assert "site:8000" in (ROOT / "compose" / "Caddyfile").read_text("utf-8")
    assert _environment("site")["RASOAT_PORT"] == "8000"
    assert _environment("site")["RASOAT_SECURE_COOKIES"] == "true"


def test_the_image_is_made_of_files_that_are_there() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    for line in lines:
        if line.startswith("COPY "):
            assert all((ROOT / source).exists() for source in line.split()[1:-1]), line
    assert any(line.startswith("USER ") for line in lines)
    assert f"prefect=={SERVICES['prefect']['image'].partition(':')[2].partition('-')[0]} " in (ROOT / "requirements/run.txt").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("script", sorted((ROOT / "compose").glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_whole(script: Any) -> None:
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
