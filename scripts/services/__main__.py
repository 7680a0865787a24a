"""`start [NAME…]`, `stop`, `status`, `env`: see the package."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from scripts.services import elasticsearch, postgresql, s3
from scripts.services.common import STATE, ServiceError, alive, end, remove

START: Final[dict[str, Callable[[Path], dict[str, object]]]] = {
    "elasticsearch": elasticsearch.start,
    "postgresql": postgresql.start,
    "s3": s3.start,
}
STOP_SIGNAL: Final = {"elasticsearch": signal.SIGTERM, "postgresql": signal.SIGINT, "s3": signal.SIGTERM}  # PostgreSQL's "fast" shutdown


def _read() -> dict[str, Any]:
    with contextlib.suppress(FileNotFoundError):
        state: dict[str, Any] = json.loads(STATE.read_text("utf-8"))
        return state
    return {}


def _write(state: dict[str, Any]) -> None:
    STATE.parent.mkdir(exist_ok=True, mode=0o700)
    temporary = STATE.with_suffix(".tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(state, out, indent=1)
    temporary.replace(STATE)


def start(names: list[str]) -> None:
    """Start what does not run yet."""
    state = _read()
    for name in names:
        if name in state and alive(int(state[name]["pid"])):
            continue
        _end_one(state, name)
        began = time.monotonic()
        print(f"Starting {name} …", file=sys.stderr, flush=True)
        folder = Path(tempfile.mkdtemp(prefix=f"rasoat-{name}-"))
        try:
            folder.chmod(0o755)
            state[name] = START[name](folder / name) | {"root": str(folder)}
        except BaseException:
            remove(folder)
            raise
        _write(state)
        print(f"{name} ready after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def stop(names: list[str]) -> None:
    """Stop and remove everything that was made."""
    state = _read()
    for name in names:
        _end_one(state, name)
    if state:
        _write(state)
    else:
        remove(STATE.parent)


def _end_one(state: dict[str, Any], name: str) -> None:
    one = state.pop(name, None)
    if one:
        end(int(one["pid"]), sign=STOP_SIGNAL[name])
        remove(Path(one["root"]))
        if "sockets" in one:
            remove(Path(one["sockets"]))


def env() -> str:
    """Shell lines that point the program at the running services."""
    state = _read()
    lines = []
    if "elasticsearch" in state:
        es = state["elasticsearch"]
        lines += [f"RASOAT_SEARCH_URL={es['url']}", f"RASOAT_SEARCH_CA={es['ca']}", "RASOAT_SEARCH_USER=rasoat_writer"]
        lines += [f"RASOAT_SEARCH_PASSWORD={es['users']['writer']}"]
    return "\n".join(f"export {line}" for line in lines)


def main(arguments: list[str]) -> int:
    """One of the four commands; 1 when a service cannot be had."""
    command, names = (arguments or ["status"])[0], arguments[1:] or list(START)
    if unknown := [name for name in names if name not in START]:
        print(f"unknown service {unknown[0]}; known: {', '.join(START)}", file=sys.stderr)
        return 64
    try:
        if command == "start":
            start(names)
        elif command == "stop":
            stop(names)
        elif command == "env":
            print(env())
        elif command == "status":
            for name, one in _read().items():
                print(f"{name}: {'runs' if alive(int(one['pid'])) else 'ended'}, process {one['pid']}, {one.get('url') or one['port']}")
        else:
            print(__doc__, file=sys.stderr)
            return 64
    except (ServiceError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
