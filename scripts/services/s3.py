"""An S3-compatible server, S3Proxy of Apache-2.0, from Maven: in memory, with TLS, signatures checked and versions of objects.

It answers the S3 interface over the network as any such server does. It knows one key, so rights of roles cannot be tried here.
"""

from __future__ import annotations

import os
import socket
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from scripts.services import tls
from scripts.services.common import free_port, hand_over, password, run, spawn, wait_for
from scripts.services.elasticsearch import java_home

VERSION = "4.1.0"
READY_SECONDS = 60.0
OTHER_CLOUDS = (
    "com.google.cloud",
    "com.azure",
    "com.github.openstack4j.core",
    "com.github.openstack4j.core.connectors",
    "org.apache.sshd",
    "io.grpc",
)
"""What it can pass requests on to elsewhere: two thirds of the download, and nothing that a test on loopback wants."""
_QUIET = """<configuration>
<appender name="C" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %-5level %msg%n</pattern></encoder></appender>
<root level="WARN"><appender-ref ref="C"/></root>
</configuration>
"""


def start(folder: Path) -> dict[str, object]:
    """Fetch, start, and wait until it answers. `folder` must not exist; returns what `env` and the tests need."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    jars = fetch(folder)
    certificate = tls.self_signed(folder / "tls", "127.0.0.1", "localhost")
    port, secret, key = free_port(), password(), "rasoat"
    store_password = password()
    _keystore(folder / "tls", certificate, store_password)
    (folder / "s3proxy.properties").write_text(_settings(port, key, secret, folder / "tls" / "keys.p12", store_password), encoding="utf-8")
    (folder / "logback.xml").write_text(_QUIET, encoding="utf-8")
    hand_over(folder)
    log = folder / "console.log"
    command = [str(java_home() / "bin" / "java"), "-Xmx256m", f"-Dlogback.configurationFile={folder / 'logback.xml'}", "-cp", f"{jars}/*"]
    command += ["org.gaul.s3proxy.Main", "--properties", str(folder / "s3proxy.properties")]
    pid = spawn(command, cwd=folder, log=log, env={"PATH": os.environ["PATH"], "HOME": str(folder)})
    wait_for(lambda: _answers(port, certificate), pid, log, seconds=READY_SECONDS)
    url = f"https://127.0.0.1:{port}"
    return {"pid": pid, "url": url, "port": port, "ca": str(certificate), "folder": str(folder), "key": key, "secret": secret}


def fetch(folder: Path) -> Path:
    """The server with what it stands on, as Maven resolves it."""
    excluded = "".join(f"<exclusion><groupId>{group}</groupId><artifactId>*</artifactId></exclusion>" for group in OTHER_CLOUDS)
    (folder / "pom.xml").write_text(
        "<project><modelVersion>4.0.0</modelVersion>"
        "<groupId>rasoat</groupId><artifactId>services</artifactId><version>1</version><dependencies><dependency>"
        f"<groupId>org.gaul</groupId><artifactId>s3proxy</artifactId><version>{VERSION}</version><exclusions>{excluded}</exclusions>"
        "</dependency></dependencies></project>",
        encoding="utf-8",
    )
    run(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder / 'jars'}"], cwd=folder)
    return folder / "jars"


def _keystore(folder: Path, certificate: Path, store_password: str) -> None:
    key = serialization.load_pem_private_key((folder / "key.pem").read_bytes(), None)
    made = x509.load_pem_x509_certificate(certificate.read_bytes())
    packed = pkcs12.serialize_key_and_certificates(
        b"s3",
        key,
        made,
        None,
        serialization.BestAvailableEncryption(store_password.encode()),  # type: ignore[arg-type]
    )
    (folder / "keys.p12").write_bytes(packed)
    (folder / "keys.p12").chmod(0o600)


def _settings(port: int, key: str, secret: str, keys: Path, store_password: str) -> str:
    return f"""\
s3proxy.secure-endpoint=https://127.0.0.1:{port}
s3proxy.keystore-path={keys}
s3proxy.keystore-password={store_password}
s3proxy.authorization=aws-v4
s3proxy.identity={key}
s3proxy.credential={secret}
jclouds.provider=transient
"""


def _answers(port: int, certificate: Path) -> bool:
    context = ssl.create_default_context(cafile=certificate)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1"):
            return True
    except OSError:
        return False
