"""One node of Elasticsearch 9.2 from Maven, security and TLS on, with a reading and a writing user and nothing beside them.

The artefact is the server that its makers test clients against: transport, security, core; no scripts, no ILM, no API keys.
"""

from __future__ import annotations

import os
import re
import ssl
import urllib.error
import urllib.request
import zipfile
from base64 import b64encode
from pathlib import Path

from scripts.services import tls
from scripts.services.common import ServiceError, free_port, hand_over, password, run, spawn, wait_for

VERSION = "9.2.0"
ARTEFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
LEAST_JAVA = 21
HEAP = "1g"
READY_SECONDS = 120.0
ROLES = """\
# Least privilege: the projector writes, the review site only reads. Neither may touch users, other indices or the cluster's settings.
rasoat_writer:
  cluster: [monitor, manage_index_templates]
  indices:
    - names: ["rasoat-*"]
      privileges: [create_index, delete_index, manage, read, write]
rasoat_reader:
  cluster: [monitor]
  indices:
    - names: ["rasoat-*"]
      privileges: [read, view_index_metadata]
"""


def java_home() -> Path:
    """The newest JDK of this machine.

    Raises:
        ServiceError: none is new enough.
    """
    named = os.environ.get("ES_JAVA_HOME")
    homes = [Path(named)] if named else [path for path in Path("/usr/lib/jvm").glob("*") if (path / "bin" / "java").exists()]
    versions = [(version, home) for home in homes if (version := _java_version(home))]
    version, home = max(versions, default=(0, Path()))
    if version < LEAST_JAVA:
        raise ServiceError(f"Elasticsearch needs a JDK of version {LEAST_JAVA} or later; install one or set ES_JAVA_HOME")
    return home


def _java_version(home: Path) -> int:
    release = home / "release"
    found = re.search(r'JAVA_VERSION="(\d+)', release.read_text("utf-8")) if release.exists() else None
    return int(found.group(1)) if found else 0


def start(folder: Path) -> dict[str, object]:
    """Fetch, unpack, configure, start, and wait until it answers. `folder` must not exist; returns what `env` and `stop` need."""
    java = java_home()
    home = _unpacked(folder)
    http, transport = free_port(), free_port()
    certificate = tls.self_signed(home / "config" / "tls", "127.0.0.1", "localhost")
    (home / "config" / "elasticsearch.yml").write_text(_settings(http, transport), encoding="utf-8")
    (home / "config" / "roles.yml").write_text(ROLES, encoding="utf-8")
    (home / "config" / "jvm.options.d").mkdir(exist_ok=True)
    (home / "config" / "jvm.options.d" / "heap.options").write_text(f"-Xms{HEAP}\n-Xmx{HEAP}\n", encoding="utf-8")
    hand_over(folder)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "ES_JAVA_HOME": str(java), "ES_PATH_CONF": str(home / "config")}
    users = {"writer": password(), "reader": password()}
    for name, secret in users.items():
        add = [str(home / "bin" / "elasticsearch-users"), "useradd", f"rasoat_{name}", "-p", secret, "-r", f"rasoat_{name}"]
        run(add, cwd=home, env=env, as_service=True)
    log = home / "console.log"
    pid = spawn([str(home / "bin" / "elasticsearch")], cwd=home, log=log, env=env)
    url = f"https://127.0.0.1:{http}"
    wait_for(lambda: _healthy(url, certificate, users["writer"]), pid, log, seconds=READY_SECONDS)
    return {"pid": pid, "url": url, "ca": str(certificate), "folder": str(folder), "users": users}


def _unpacked(folder: Path) -> Path:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    fetch = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTEFACT}", f"-DoutputDirectory={folder}"]
    run(fetch, cwd=folder)
    packed = folder / f"elasticsearch-{VERSION}.zip"
    with zipfile.ZipFile(packed) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, folder))
            if mode := entry.external_attr >> 16:
                path.chmod(mode & 0o7777)
    packed.unlink()
    return folder / f"elasticsearch-{VERSION}"


def _settings(http: int, transport: int) -> str:
    return f"""\
cluster.name: rasoat-try
node.name: one
discovery.type: single-node
network.host: 127.0.0.1
http.port: {http}
transport.port: {transport}
action.auto_create_index: false
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: true
xpack.security.enrollment.enabled: false
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.key: tls/key.pem
xpack.security.http.ssl.certificate: tls/certificate.pem
xpack.security.transport.ssl.enabled: false
"""


def _healthy(url: str, certificate: Path, secret: str) -> bool:
    request = urllib.request.Request(f"{url}/_cluster/health")  # noqa: S310  (our own loopback address)
    request.add_header("Authorization", "Basic " + b64encode(f"rasoat_writer:{secret}".encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=5, context=ssl.create_default_context(cafile=certificate)) as answer:  # noqa: S310
            return answer.status == 200 and b'"status":"red"' not in answer.read()
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
