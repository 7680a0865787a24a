"""The forms of the published sets: columns, classes, and how their files are read. Owns every refusal of a bad file.

Must not know models.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class BadFile(Exception):
    """A file or folder that does not have the form asked for; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Form:
    """One task. `classes`: the label column's values in the order of the class numbers, spelled as in the file."""

    name: str
    text: str
    label: str
    classes: tuple[str, ...]
    title: str = ""  # a column with the text that was commented on
    categories: tuple[str, ...] = ()  # columns with one of a few values, read when both files have them
    helper: tuple[str, tuple[str, ...]] = ("", ())  # another label of the same rows, in training files only, and its values
    source_suffix: bool = False  # headlines end in ` - Outlet`, which tells the label and is cut off


_FORMS: Final = (
    Form("vihsd", "free_text", "label_id", ("0", "1", "2")),
    Form("victsd", "Comment", "Toxicity", ("0", "1"), "Title", ("Topic",), ("Constructiveness", ("0", "1"))),
    Form("vispamreviews", "Comment", "Label", ("0", "1"), "", ("Rating",), ("SpamLabel", ("0", "1", "2", "3"))),
    Form("vispamreviews-type", "Comment", "SpamLabel", ("0", "1", "2", "3"), "", ("Rating",)),
    Form("viclickbait", "title", "label", ("non-clickbait", "clickbait"), source_suffix=True),
    Form("sms", "content", "label", ("0", "1"), "", ("has_url", "has_phone_number", "sender_type")),
)
FORMS: Final[Mapping[str, Form]] = {form.name: form for form in _FORMS}


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one form. `labels`: class numbers. `helpers`: the helper label's numbers, empty where the file has none."""

    texts: tuple[str, ...]
    labels: Ints
    titles: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]
    helpers: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.texts)

    def joined(self, other: Rows) -> Rows:
        """These rows, then those; columns that only one of them has are dropped."""
        both = [name for name in self.categories if name in other.categories]
        helped = len(self.helpers) and len(other.helpers)
        return Rows(
            self.texts + other.texts,
            np.concatenate([self.labels, other.labels]),
            self.titles + other.titles,
            {name: self.categories[name] + other.categories[name] for name in both},
            np.concatenate([self.helpers, other.helpers]) if helped else np.empty(0, dtype=np.int64),
        )


def read_rows(path: Path, form: Form) -> Rows:
    """A file of this form: comma- or tab-separated UTF-8 with a header.

    Raises:
        BadFile: it cannot be read, lacks a column, holds no row, or holds a label that the form does not know.
    """
    records = _records(path, form)
    labels = [_number(form.label, record[form.label], form.classes, path, at) for at, record in enumerate(records, 1)]
    name, values = form.helper
    helped = bool(name) and name in records[0] and all(record[name].strip() in values for record in records)
    return Rows(
        tuple(_text(record[form.text], form) for record in records),
        np.array(labels, dtype=np.int64),
        tuple(record.get(form.title, "") if form.title else "" for record in records),
        {column: tuple(record[column].strip() for record in records) for column in form.categories if column in records[0]},
        np.array([values.index(record[name].strip()) for record in records] if helped else [], dtype=np.int64),
    )


def training_rows(folder: Path, form: Form, test: Path | None) -> tuple[Rows, str]:
    """`train.csv` of the folder, and `dev.csv` too where there is one and the test file is another. Says in words which were read."""
    train, dev = folder / "train.csv", folder / "dev.csv"
    if not folder.is_dir():
        raise BadFile(f"{folder}: no such folder")
    if not train.is_file():
        raise BadFile(f"{folder}: has no train.csv")
    rows = read_rows(train, form)
    if test is None or not dev.is_file():
        return rows, f"train.csv ({len(rows)} rows)"
    if _same(dev, test):
        return rows, f"train.csv ({len(rows)} rows); the test file is dev.csv, which was used for nothing else"
    more = read_rows(dev, form)
    return rows.joined(more), f"train.csv and dev.csv ({len(rows)} + {len(more)} rows)"


def _same(one: Path, other: Path) -> bool:
    def digest(path: Path) -> bytes:
        return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n").strip()).digest()

    return one.resolve() == other.resolve() or (other.is_file() and digest(one) == digest(other))


def _records(path: Path, form: Form) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = lines.readline()
            lines.seek(0)
            reader = csv.DictReader(lines, delimiter="\t" if "\t" in header else ",", restval="", strict=True)
            columns = list(reader.fieldnames or [])
            records = [{name: value for name, value in record.items() if isinstance(name, str)} for record in reader]
    except OSError as error:
        raise BadFile(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path}: not a table in UTF-8 ({error})") from error
    missing = [column for column in (form.text, form.label) if column not in columns]
    if missing:
        raise BadFile(f"{path}: no column {', '.join(missing)} (it has: {', '.join(map(str, columns)) or 'none'}); asked for {form.name}")
    if not records:
        raise BadFile(f"{path}: has no row")
    return records


def _number(column: str, value: str, classes: Sequence[str], path: Path, at: int) -> int:
    plain = value.strip().removesuffix(".0")
    if plain not in classes:
        raise BadFile(f"{path}: row {at}: {column} is {value!r}, not one of {', '.join(classes)}")
    return classes.index(plain)


def _text(text: str, form: Form) -> str:
    if not form.source_suffix:
        return text
    head, dash, tail = text.rpartition(" - ")
    return head if dash and head.strip() and len(tail.split()) <= 6 and not tail.strip()[:1].isdigit() else text
