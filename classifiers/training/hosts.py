"""Makes the table of phishing hosts from the published list (ChongLuaDao, BSD-3) and ordinary hosts. Run by hand, once per edition:

    python -m classifiers.training.hosts LIST ORDINARY OUT [TEST...]

Both are text, one host a line. ORDINARY must be free to train on. A fifth of the list, by hash, is never trained on: recall is printed on
it, and false alarms on the hosts of every TEST file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from classifiers.hosts import BUCKETS, MADE_UP, Hosts, buckets, is_exempt, key_of, plain

STRENGTH: Final = 4.0
MARKS: Final = (3.0, 3.5, 4.0, 4.5, 5.0)
_FORM: Final = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}")
_SHARED: Final = re.compile(
    r"(?:^|\.)(?:facebook|youtube|google|apple|microsoft|instagram|tiktok|zalo|telegram)\.[a-z]{2,4}$|"
    r"^(?:weebly|blogspot|wordpress|000webhostapp)\.com$|^(?:rf\.gd|t\.me|bit\.ly|tinyurl\.com|github\.io|wa\.me|m\.me)$"
)
"""Platforms that the list names whole, although only single pages of them were meant."""


def cleaned(lines: Iterable[str], ordinary: frozenset[str]) -> list[str]:
    """Hosts that may be held against a text: no platform, no host that ordinary texts name, no public body, school, press or .vn name."""
    names = {plain(line.strip()) for line in lines}
    return sorted(
        name for name in names if _FORM.fullmatch(name) and name not in ordinary and not _SHARED.search(name) and not is_exempt(name)
    )


def is_test(name: str) -> bool:
    """One in five, by hash."""
    return sha256(name.encode()).digest()[7] % 5 == 0


def matrix(names: Sequence[str]) -> sparse.csr_matrix:
    """(names, BUCKETS): counts over the square root of their number, as `Hosts.likeness` computes."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, name in enumerate(names):
        found = list(buckets(name))
        rows += [row] * len(found)
        columns += found
        values += [len(found) ** -0.5] * len(found)
    return sparse.coo_matrix((np.array(values), (np.array(rows), np.array(columns))), shape=(len(names), BUCKETS)).tocsr()


def fit(bad: Sequence[str], ordinary: Sequence[str]) -> Hosts:
    """The table: every cleaned host known, the weights from the part that is no test."""
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=500)
    trained = [name for name in bad if not is_test(name)]
    model.fit(matrix([*trained, *ordinary]), [1] * len(trained) + [0] * len(ordinary))
    scale = float(np.abs(model.coef_[0]).max()) / 127
    weights = np.rint(model.coef_[0] / scale).astype(np.int8)
    return Hosts(b"".join(sorted(key_of(name) for name in [*bad, MADE_UP])), weights.tobytes(), scale, float(model.intercept_[0]))


def main(arguments: Sequence[str]) -> None:
    """Write the table and print what it finds."""
    listed, named, out, *tests = (Path(argument) for argument in arguments)
    ordinary = frozenset(plain(line.strip()) for line in named.read_text(encoding="utf-8").splitlines())
    bad = cleaned(listed.read_text(encoding="utf-8").splitlines(), ordinary)
    # exempt names are never asked, so that they teach nothing
    table = fit(bad, sorted(name for name in ordinary if _FORM.fullmatch(name) and not is_exempt(name)))
    out.write_bytes(table.packed())
    print(f"{len(bad)} hosts of the list, {len(ordinary)} ordinary; {out.stat().st_size // 1024} kB")
    unseen = [name for name in bad if is_test(name)]
    print(f"recall on {len(unseen)} hosts never trained on: " + _shares(table, unseen))
    for path in tests:
        names = sorted({plain(line.strip()) for line in path.read_text(encoding="utf-8").splitlines()})
        print(f"{path.name}, {len(names)} hosts: {_shares(table, names)}, known {sum(map(table.is_known, names))}")


def _shares(table: Hosts, names: Sequence[str]) -> str:
    scores = np.array([table.likeness(name) for name in names])
    return ", ".join(f"{np.mean(scores >= mark):.2%} at {mark}" for mark in MARKS)


if __name__ == "__main__":
    main(sys.argv[1:])
