"""Files of texts: `{"id","text"}` lines in, one answer a line out, in the same order. Owns the fixed form of `rasoat classify`.

All lines are checked before the first is classified: a file is answered whole or refused with the places of what is wrong, never in part.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rasoat.assessments import Assessment
from rasoat.errors import DISK_FULL, InputError, Place, RetryLater, UsageError

if TYPE_CHECKING:
    from classifiers.classifier import Classifier

_BATCH: Final = 500
_MOST_PROBLEMS: Final = 10
_LONGEST_LINE: Final = 64 * 1024 * 1024
_HINT: Final = 'each line is an object like {"id": "1", "text": "…"}, in UTF-8'


def answer(id_: Any, text: str, assessment: Assessment) -> dict[str, Any]:
    """The answer for one text, ready for JSON. `text` of a reason is what its span covers; offsets count code points.

    `uncertain`: codes that are not flagged and that the model cannot rule out; a person would have to look.
    """
    return {
        "id": id_,
        "probabilities": {harm.value: round(chance, 6) for harm, chance in assessment.probabilities.items()},
        "flagged": [harm.value for harm in assessment.flagged],
        "reasons": [
            {
                "harm": reason.harm.value,
                "origin": reason.origin.value,
                "code": reason.code,
                "weight": round(reason.weight, 3),
                "start": reason.span.start if reason.span else None,
                "end": reason.span.end if reason.span else None,
                "text": reason.span.of(text) if reason.span else reason.evidence,
            }
            for reason in assessment.reasons
        ],
        "uncertain": [harm.value for harm in assessment.uncertain],
    }


def classify_file(input_: Path, output: Path, classifier: Classifier, progress: Callable[[int], None] = lambda more: None) -> int:
    """Classify every line of `input_` and write `output` at once, when all is done. Returns how many; `progress` is told how many more.

    Raises:
        InputError: the input cannot be read, or a line is wrong: the first ten places are named and nothing is written.
        UsageError: the output cannot be written, or is the input.
    """
    if output.exists() and output.samefile(input_):
        raise UsageError("input and output are the same file")
    _check(input_)
    temporary = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    count = 0
    try:
        with temporary.open("w", encoding="utf-8") as out:
            for batch in _batches(_rows(input_)):
                assessments = classifier.assess_many([text for _, _, text in batch])
                for (_, id_, text), assessment in zip(batch, assessments, strict=True):
                    out.write(json.dumps(answer(id_, text, assessment), ensure_ascii=False) + "\n")
                count += len(batch)
                progress(len(batch))
        temporary.replace(output)
    except OSError as error:
        if error.errno in DISK_FULL:
            raise RetryLater(f"cannot write {output}: {error.strerror}; free disk space and run again") from error
        raise UsageError(f"cannot write {output}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return count


def _check(path: Path) -> None:
    problems: list[InputError] = []
    for _ in _rows(path, problems):
        pass
    if problems:
        first = problems[0]
        others = "; ".join(f"{problem.place}: {problem.message}" for problem in problems[1:])
        raise InputError(first.message + (f"; also {others}" if others else ""), place=first.place, hint=_HINT)


def _rows(path: Path, problems: list[InputError] | None = None) -> Iterator[tuple[int, Any, str]]:
    """Line number, id and text of every line that is not blank. A wrong line is added to `problems`, or raised."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE), b""), 1):
                try:
                    row = _row(line, Place(str(path), number))
                except InputError as problem:
                    if problems is None:
                        raise
                    problems.append(problem)
                    if len(problems) == _MOST_PROBLEMS:
                        return
                else:
                    if row is not None:
                        yield number, *row
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=Place(str(path)), hint="check the path") from error


def _row(line: bytes, place: Place) -> tuple[Any, str] | None:
    if len(line) >= _LONGEST_LINE:
        raise InputError("the line is longer than 64 MB", place=place, hint=_HINT)
    try:
        text = line.decode("utf-8-sig" if place.line == 1 else "utf-8")
        row = json.loads(text) if text.strip() else None
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 (byte {error.start + 1} of the line)", place=place, hint=_HINT) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}", place=place, hint=_HINT) from error
    if row is None and not text.strip():
        return None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise InputError('no "text" that is a string', place=place, hint=_HINT)
    if not isinstance(row.get("id"), str | int) or isinstance(row.get("id"), bool):
        raise InputError('no "id" that is a string or a whole number', place=place, hint=_HINT)
    return row["id"], row["text"]


def _batches(rows: Iterator[tuple[int, Any, str]]) -> Iterator[list[tuple[int, Any, str]]]:
    batch: list[tuple[int, Any, str]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
