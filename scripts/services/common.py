"""What both services need: a free port, an unprivileged user, a process that outlives us, and waiting with a limit."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".services" / "state.json"


class ServiceError(Exception):
    """A service cannot be had; the message says what to do."""


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def password() -> str:
    """Made new at every start."""
    return secrets.token_urlsafe(18)


def unprivileged() -> tuple[int, int]:
    """User and group to run as: our own, or `nobody` for root (neither server starts as root)."""
    if os.getuid():
        return os.getuid(), os.getgid()
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def hand_over(folder: Path) -> None:
    """Give a folder with all in it to the user of the services."""
    uid, gid = unprivileged()
    if os.getuid():
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def spawn(command: Sequence[str], *, cwd: Path, log: Path, env: Mapping[str, str]) -> int:
    """Start a process that goes on without us; its process id. What it prints goes to `log`."""
    uid, gid = unprivileged()
    with log.open("ab") as out:
        os.chown(log, uid, gid)
        process = subprocess.Popen(  # noqa: S603  (commands of ours)
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            user=uid,
            group=gid,
            extra_groups=[] if os.getuid() == 0 else None,
        )
    return process.pid


def run(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, as_service: bool = False) -> str:
    """Run to the end and return what was printed.

    Raises:
        ServiceError: it failed; the last lines say why.
    """
    uid, gid = unprivileged()
    who = {"user": uid, "group": gid, "extra_groups": []} if as_service and os.getuid() == 0 else {}
    done = subprocess.run(  # noqa: S603
        list(command), cwd=cwd, env=dict(env) if env else None, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **who
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise ServiceError(f"{command[0]} failed ({done.returncode}):\n{tail}")
    return done.stdout


def wait_for(ready: Callable[[], bool], pid: int, log: Path, *, seconds: float) -> None:
    """Poll until `ready`.

    Raises:
        ServiceError: the process ended or the time is up; the end of its log is in the message.
    """
    limit = time.monotonic() + seconds
    while not ready():
        if not alive(pid) or time.monotonic() > limit:
            tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])
            raise ServiceError(f"the service {'did not answer in time' if alive(pid) else 'ended'}; its log ends:\n{tail}")
        time.sleep(0.25)


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def end(pid: int, *, sign: signal.Signals = signal.SIGTERM, seconds: float = 30.0) -> None:
    """Ask the process to end, wait, and kill it when it does not."""
    if not alive(pid):
        return
    os.kill(pid, sign)
    limit = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > limit:
            os.kill(pid, signal.SIGKILL)
            limit = time.monotonic() + 5
        time.sleep(0.1)


def remove(folder: Path) -> None:
    """Remove a folder with all in it."""
    shutil.rmtree(folder, ignore_errors=True)
