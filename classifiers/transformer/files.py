"""Folders of model files: hashes are checked before anything is read further. Owns the reading and writing; knows no network."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place

FORMAT: Final = 1
"""Of the folders of bases and encoders. A change of reading, windows or pieces is a new format."""


def checked(folder: Path, facts_name: str, names: Sequence[str], hint: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The facts and the content of the named files.

    Raises:
        ConfigError: a file is missing, or not the one that the facts name.
    """
    place = Place(str(folder / facts_name))
    try:
        facts = json.loads((folder / facts_name).read_bytes())
    except FileNotFoundError as error:
        raise ConfigError("there is no such file", place=place, hint=hint) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read it: {error}", place=place, hint=hint) from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT or not isinstance(facts.get("sha256"), dict):
        raise ConfigError(f"not of format {FORMAT}", place=place, hint=hint)
    files: dict[str, bytes] = {}
    for name in names:
        path = folder / name
        try:
            files[name] = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"cannot read it: {error.strerror}", place=Place(str(path)), hint=hint) from error
        if sha256_hex(files[name]) != facts["sha256"].get(name):
            raise ConfigError(f"it is not the file that {facts_name} names: its hash differs", place=Place(str(path)), hint=hint)
    return facts, files


def json_bytes(value: Any) -> bytes:
    """As the project writes JSON files."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def replace(path: Path, data: bytes) -> None:
    """Write whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)
