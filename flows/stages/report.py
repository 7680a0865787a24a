"""The transparency report (WORKFLOW §9), made from the event log and nothing else, so that anybody with the log gets the same."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from flows.runtime import Runtime
from rasoat.cases.states import EventKind

SMALL: Final = "1-4"
"""A count of 1 to 4 could point at one person: it is suppressed (WORKFLOW §9.2)."""
COLUMNS: Final = (
    EventKind.OPENED,
    EventKind.CODED,
    EventKind.SECOND_READ,
    EventKind.ADJUDICATED,
    EventKind.APPROVED,
    EventKind.REJECTED,
    EventKind.NOTICE_GIVEN,
    EventKind.FIXED,
    EventKind.SEALED,
    EventKind.SENT,
    EventKind.ANSWERED,
    EventKind.COMPLAINED,
    EventKind.REVERSED,
    EventKind.ESCALATED,
)


@dataclass(frozen=True, slots=True)
class Transparency:
    """Cells are numbers or `1-4`. `automated_decisions` counts verdicts without a person; the charter says 0."""

    at: datetime
    columns: tuple[str, ...]
    rows: dict[str, tuple[str, ...]]
    automated_decisions: int

    def to_json(self) -> dict[str, Any]:
        """For publication."""
        return {
            "at": self.at.isoformat(),
            "columns": list(self.columns),
            "rows": {code: list(cells) for code, cells in self.rows.items()},
            "automated_decisions": self.automated_decisions,
        }


def transparency(rt: Runtime) -> Transparency:
    """Counts of cases by suggested code and what happened to them."""
    tally = rt.store.cases.tally()
    codes = sorted({code for code, _ in tally})
    rows = {code: tuple(_cell(tally.get((code, kind), 0)) for kind in COLUMNS) for code in codes}
    return Transparency(
        at=rt.clock.now(),
        columns=tuple(kind.value for kind in COLUMNS),
        rows=rows,
        automated_decisions=rt.store.cases.verdicts_without_a_person(),
    )


def _cell(count: int) -> str:
    return SMALL if 0 < count < 5 else str(count)


def write_report(made: Transparency, folder: Path) -> list[Path]:
    """`report.json` and `report.csv` in `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    as_json, as_csv = folder / "report.json", folder / "report.csv"
    as_json.write_text(json.dumps(made.to_json(), ensure_ascii=False, indent=2) + "\n", "utf-8")
    with as_csv.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["code", *made.columns])
        writer.writerows([code, *cells] for code, cells in made.rows.items())
    return [as_json, as_csv]
