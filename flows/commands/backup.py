"""`db backup`, `db backups`, `db restore`: a copy with a day on which it goes, and the way back that erases again what was erased since."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows.commands._shared import aside, console, logged_settings, print_json, runtime, table
from rasoat.errors import UsageError

_FOLDER = "Where backups lie; RASOAT_BACKUPS when not given."


def _folder(given: Path | None, named: Path | None) -> Path:
    folder = given or named
    if folder is None:
        raise UsageError("name a folder, or set RASOAT_BACKUPS")
    return folder.resolve()


def backup(folder: Annotated[Path | None, typer.Argument(help=_FOLDER)] = None) -> None:
    """Write a backup into a folder of its own below FOLDER: database, evidence, packs, checksums; the keys are not in it."""
    with runtime() as rt:
        where = _folder(folder, rt.settings.backups)
        made = rt.store.backup(where)
    console.print(f"{where / made.name}", markup=False, soft_wrap=True)
    console.print(f"{made.blobs} pieces of evidence, {len(made.files)} files; goes on {made.expires_at[:10]}")
    if rt.settings.backups is None:
        aside.print("RASOAT_BACKUPS is not set: what is erased after this backup stands in no ledger (docs/retention.md)")


def backups(
    folder: Annotated[Path | None, typer.Argument(help=_FOLDER)] = None,
    purge: Annotated[bool, typer.Option("--purge", help="First remove those whose day has come, and say which.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the backups and when each one goes."""
    from rasoat.store.backup import all_of

    with runtime() as rt:
        where, now = _folder(folder, rt.settings.backups), rt.clock.now()
        gone = rt.store.purge_backups(where, now) if purge else []
    found = all_of(where)
    if as_json:
        print_json({"removed": gone, "backups": [asdict(one) for one in found]})
        return
    for name in gone:
        console.print(f"removed: {name}")
    rows: list[list[object]] = [
        [one.name, one.database, one.blobs, one.made_at[:16], one.expires_at[:16], "expired" if one.expired(now) else ""] for one in found
    ]
    console.print(table("", ["backup", "database", "evidence", "made (UTC)", "goes (UTC)", ""], rows))


def restore(
    folder: Annotated[Path, typer.Argument(help="One backup, as `rasoat db backups` names it.")],
    replace: Annotated[bool, typer.Option("--replace", help="Also when there is a database with something in it.")] = False,
    expired: Annotated[bool, typer.Option("--expired", help="Also when the backup should be gone by now.")] = False,
    without_ledger: Annotated[
        bool, typer.Option("--without-ledger", help="Also when nobody knows any more what was erased after the backup.")
    ] = False,
) -> None:
    """Load a backup. Nobody can open the database until what was erased after the backup is erased again and retention has run."""
    from rasoat.clock import SystemClock
    from rasoat.store.restoring import restore as run_restore

    settings = logged_settings()
    if not folder.exists() and settings.backups is not None:
        folder = settings.backups / folder
    done = run_restore(settings, folder.resolve(), SystemClock(), replace=replace, expired=expired, without_ledger=without_ledger)
    console.print(f"restored: {done.backup.name}; the database is open")
    numbers: list[list[object]] = [["erased again", done.erased], ["holds placed again", done.holds], ["evidence missing", done.missing]]
    numbers += [["indexed", done.indexed], *([rule, n] for rule, n in done.purge.purged.items())]
    console.print(table("", ["what", "how many"], numbers))
    for case_id in done.wordless:
        console.print(f"open without words, its later history is lost; close it: {case_id}")
