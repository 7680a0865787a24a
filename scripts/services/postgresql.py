"""One PostgreSQL from Debian's packages, on loopback, with the three roles that the program needs and passwords for all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from scripts.services import tls
from scripts.services.common import ServiceError, free_port, hand_over, password, run, spawn, wait_for

DATABASE = "rasoat"
READY_SECONDS = 60.0


def binaries() -> Path:
    """The folder of the newest server.

    Raises:
        ServiceError: none is installed.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    if named:
        return Path(named).resolve().parent
    raise ServiceError("PostgreSQL's server is not installed; on Debian: apt-get install postgresql")


def start(folder: Path) -> dict[str, object]:
    """Make a cluster in `folder`, start it, make database and roles. Returns what `env` and `stop` need."""
    bin_ = binaries()
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    port, secrets = free_port(), {name: password() for name in ("postgres", "rasoat_owner", "rasoat_app", "rasoat_reader")}
    certificate = tls.self_signed(folder / "tls", "127.0.0.1", "localhost")
    first = folder / "first-password"
    first.write_text(secrets["postgres"], encoding="utf-8")
    hand_over(folder)
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    data = folder / "data"
    make = ["-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={first}"]
    run([str(bin_ / "initdb"), *make], cwd=folder, env=env, as_service=True)
    first.unlink()
    sockets = Path(tempfile.mkdtemp(prefix="rasoat-pg-"))  # a socket's path may have 107 bytes
    hand_over(sockets)
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(_settings(port, sockets, folder / "tls"))
    log = folder / "server.log"
    pid = spawn([str(bin_ / "postgres"), "-D", str(data)], cwd=folder, log=log, env=env)
    ask = [str(bin_ / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    wait_for(lambda: _answers(ask), pid, log, seconds=READY_SECONDS)
    psql = [str(bin_ / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
    env |= {"PGPASSWORD": secrets["postgres"]}
    for role in ("rasoat_owner", "rasoat_app", "rasoat_reader"):
        run([*psql, "-c", f"CREATE ROLE {role} LOGIN PASSWORD '{secrets[role]}'"], env=env)
    run([*psql, "-c", f"CREATE DATABASE {DATABASE} OWNER rasoat_owner"], env=env)
    return {"pid": pid, "port": port, "ca": str(certificate), "folder": str(folder), "sockets": str(sockets), "passwords": secrets}


def _answers(ask: list[str]) -> bool:
    try:
        run(ask)
    except ServiceError:
        return False
    return True


def _settings(port: int, sockets: Path, tls_folder: Path) -> str:
    return f"""
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{sockets}'
ssl = on
ssl_cert_file = '{tls_folder}/certificate.pem'
ssl_key_file = '{tls_folder}/key.pem'
max_connections = 100
shared_buffers = 256MB
timezone = 'UTC'
log_timezone = 'UTC'
"""
