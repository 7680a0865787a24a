"""Bytes of model files: the same content gives the same bytes, and a folder of models is swapped in whole. Knows no model."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np


def npz(**arrays: Any) -> bytes:
    """Like `numpy.savez_compressed`, with fixed dates."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, array in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(info, part.getvalue(), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
    return out.getvalue()


def to_json(value: Any) -> bytes:
    """Sorted, indented, with a newline at the end."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def write(folder: Path, **files: bytes) -> None:
    """Files of a folder; `__` in a name stands for the dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)


def staging(models_dir: Path) -> Path:
    """An empty folder beside the models, on the same disk: what is made there is moved, not copied."""
    folder = models_dir / f".training-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def swap(made: Path, place: Path) -> None:
    """Put the folder `made` in place of the folder `place`. Killed in between, one of the two is there under its own name."""
    old = place.with_name(f".{place.name}.old-{os.getpid()}")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    made.rename(place)
    shutil.rmtree(old, ignore_errors=True)
