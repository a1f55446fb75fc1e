"""The files in deploy/ name what exists: modules, queues, settings that are read, and configurations their own tools accept."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from celery import Task
from django.conf import settings
from ruamel.yaml import YAML

from console.management.commands.run import commands as started
from handoffs import tasks

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
DOCS = (ROOT / "docs" / "operating.md").read_text()
SETTINGS = "".join(path.read_text() for path in (ROOT / "console" / "settings").glob("*.py"))
QUEUES = {"baton", "baton.sweep", "baton.outside"}


def compose() -> dict[str, Any]:
    return dict(YAML(typ="safe").load(DEPLOY / "compose.yaml"))


def commands() -> dict[str, list[str]]:
    """Every command of ours, by the file and service it stands in."""
    found = {f"{unit.name}:{number}": shlex.split(line.replace("%%", "%"))
             for unit in UNITS for number, line in enumerate(re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.M))}
    ours = {name: service["command"] for name, service in compose()["services"].items() if service.get("image") == "baton" and "command" in service}
    shells = {name: part.split() for name, command in ours.items() if command[0] == "sh" for part in command[2].split(" && ")}
    image = re.search(r"^CMD (\[.*\])$", (DEPLOY / "Dockerfile").read_text(), re.M)
    assert image
    return {**found, **{name: command for name, command in ours.items() if command[0] != "sh"}, **shells, "image": json.loads(image[1])}


@pytest.mark.parametrize("where", sorted(commands()))
def test_a_command_names_a_program_an_application_and_queues_that_exist(where: str) -> None:
    program, *words = commands()[where]
    assert Path(program).name in ("python", "celery")
    if "-m" in words:
        assert importlib.util.find_spec(words[words.index("-m") + 1])
    if "manage.py" in words:
        assert words[1] in ("migrate", "collectstatic")
    if application := [word for word in words if ":application" in word]:
        assert application == [settings.ASGI_APPLICATION.replace(".application", ":application")]
    if Path(program).name == "celery":
        assert words[:2] == ["-A", "console"]
        assert words[2] in ("worker", "beat")
    if "-Q" in words:
        assert words[words.index("-Q") + 1] in QUEUES


def test_the_queues_are_those_of_an_installation_without_a_prefix_of_its_own() -> None:
    assert {name.replace(settings.CELERY_TASK_DEFAULT_QUEUE, "baton", 1) for name in settings.CELERY_TASK_QUEUES} == QUEUES
    assert '"REDIS_PREFIX", "baton"' in SETTINGS


def worked_on(commands: Iterable[list[str]]) -> list[str]:
    return sorted(words[words.index("-Q") + 1] for words in commands if "-Q" in words)


def test_every_queue_has_a_worker_of_its_own_wherever_everything_is_started() -> None:
    ours = commands()
    by_systemd = [ours[name] for name in ours if name.endswith(".service:0")]
    in_containers = [ours[name] for name in ours if name in compose()["services"]]
    assert worked_on(by_systemd) == worked_on(in_containers) == sorted(QUEUES)
    assert worked_on(command for _, command in started("", Path())) == sorted(settings.CELERY_TASK_QUEUES)
    wanted = re.search(r"^Wants=(.*)$", (DEPLOY / "systemd" / "baton.target").read_text(), re.M)
    assert wanted
    assert {unit.name for unit in UNITS if "@" not in unit.name} - {"baton-setup.service"} <= set(wanted[1].split())


def test_nothing_slow_stands_before_the_sweep() -> None:
    assert {task for task, route in settings.CELERY_TASK_ROUTES.items() if route["queue"] == settings.SWEEP_QUEUE} == {"baton.sweep", "baton.offer"}
    assert set(settings.CELERY_TASK_ROUTES) <= {each.name for each in vars(tasks).values() if isinstance(each, Task)}


def test_the_image_has_every_folder_that_the_settings_point_at() -> None:
    named = {*settings.LOCALE_PATHS, *settings.STATICFILES_DIRS, *(folder for engine in settings.TEMPLATES for folder in engine["DIRS"])}
    read = {folder.relative_to(ROOT).parts[0] for folder in named} | {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}
    copied = set(re.findall(r"^COPY (\w+) \1$", (DEPLOY / "Dockerfile").read_text(), re.M))
    sent = set(re.findall(r"^!(\w+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.M))
    assert {"console", "handoffs", "locale"} <= read <= copied & sent


def test_containers_are_given_every_setting_of_the_installation() -> None:
    ours = [service for service in compose()["services"].values() if service.get("image") == "baton"]
    assert {service["env_file"] for service in ours} == {".env"}


def test_environment_names_are_read_by_the_settings_and_explained() -> None:
    given = set(re.findall(r"^(\w+)=", (DEPLOY / "baton.env.example").read_text(), re.M)) | set(compose()["x-baton"]["environment"])
    assert given == {name for name in given if f'"{name}"' in SETTINGS and f"`{name}`" in DOCS}


def test_a_stop_is_waited_for_as_long_as_it_may_take() -> None:
    web, worker = (re.search(r"TimeoutStopSec=(\d+)", (DEPLOY / "systemd" / name).read_text()) for name in ("baton-web@.service", "baton-worker.service"))
    assert web
    assert worker
    assert int(web[1]) > settings.DRAIN_SECONDS + 28 + 2
    assert int(worker[1]) > settings.CELERY_TASK_TIME_LIMIT
    assert compose()["x-baton"]["stop_grace_period"] == "45s"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
    for unit in (tmp_path / "units").rglob("*.service"):
        # The programs are where the installation puts them, not here.
        unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.M))
    names = [str(path) for path in sorted((tmp_path / "units").iterdir()) if path.suffix in (".service", ".target")]
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *names], capture_output=True, text=True,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:"})
    assert (said.returncode, [line for line in said.stderr.splitlines() if "baton" in line]) == (0, [])


def test_compose_file_fits_its_schema() -> None:
    subprocess.run([sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml"], check=True)


@pytest.mark.skipif(not all(map(shutil.which, ("nginx", "envsubst", "openssl"))), reason="nginx, envsubst or openssl is not here")
def test_nginx_accepts_the_configuration_with_and_without_tls(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=baton"],
                   check=True, capture_output=True)
    given = {"BATON_LISTEN": "127.0.0.1:18480", "BATON_LISTEN_TLS": "127.0.0.1:18443", "BATON_HOST": "_", "BATON_NGINX": str(tmp_path),
             "BATON_LOG": str(tmp_path / "log"), "BATON_STATIC": str(tmp_path), "BATON_CERTIFICATE": str(certificate), "BATON_CERTIFICATE_KEY": str(key),
             "BATON_WEBS": compose()["services"]["nginx"]["environment"]["BATON_WEBS"].replace("web1:", "127.0.0.1:").replace("web2:", "127.0.0.2:")}
    names = " ".join(f"${{{name}}}" for name in given)
    for template in (DEPLOY / "nginx").glob("*.template"):
        filled = subprocess.run(["envsubst", names], env={**os.environ, **given}, input=template.read_bytes(), capture_output=True, check=True)
        (tmp_path / template.stem).write_bytes(filled.stdout)
    assert "${BATON_" not in (tmp_path / "baton.locations").read_text()
    whole = f"pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{}} http {{ include {tmp_path}/baton*.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole)
    said = subprocess.run(["nginx", "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)
    assert (said.returncode, "successful" in said.stderr) == (0, True), said.stderr
