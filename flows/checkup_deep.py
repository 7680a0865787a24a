"""What `rasoat doctor --deep` looks at besides: the services themselves, samples of what is kept, clocks. Each check leaves no trace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from flows.checkup_lines import FAIL, OK, WARN, State, Told, low_disk
from rasoat.canonical import sha256_hex
from rasoat.clock import Clock, Ids
from rasoat.errors import RasoatError
from rasoat.ports import SearchDoc, SearchQuery
from rasoat.settings import Settings
from rasoat.store import Store

CHAINS: Final = 200
BLOBS: Final = 50
"""How many are drawn by lot: where 1 % is damaged, 200 miss it in one run of seven; `rasoat db check` looks at every one."""
LAG_CHANGES, LAG_SECONDS = 1000, 300.0
"""More than this waits for the index for other reasons than that it was written a moment ago: the projector runs every five minutes."""
LATE_BACKUP: Final = timedelta(days=2)
SKEW_SECONDS: Final = 2.0
PROBE: Final = "rasoat-doctor"
Check = Callable[[Settings, Store, Clock], Iterator[Told]]


def database(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """Schema, triggers, rights, a sample of chains."""
    examiner = store.examiner
    found, wanted = examiner.schema()
    state: State = OK if found == wanted else FAIL
    yield state, f"{examiner.where}: schema {found}, this program makes {wanted}", "" if state == OK else "run any command as the owner"
    missing = examiner.missing_triggers()
    says = f"triggers are gone or off: {', '.join(missing)}" if missing else "every trigger stands"
    yield (FAIL, says, "restore the schema from a backup; nothing guards the event log until then") if missing else (OK, says, "")
    rights = examiner.excess_rights()
    if rights:
        yield WARN, f"the role has rights that it should not have: {', '.join(rights)}", "run rasoat/store/roles.sql as the owner"
    elif rights is not None:
        yield OK, "the role may add to the event log and never change it", ""
    looked, broken = examiner.broken_chains(CHAINS)
    if broken:
        yield (
            FAIL,
            f"{len(broken)} broken links, the first: {broken[0]}",
            "`rasoat db check` names all; keep the file, restore the last backup",
        )
    else:
        yield OK, f"{looked} chains drawn by lot verify, and the newest of the audit log", ""


def search(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """Alias and mapping, what waits, and a document there and back."""
    if settings.search_url:
        yield from _alias(store)
    lag = store.outbox_lag()
    age = lag.age(clock.now())
    behind = lag.waiting > LAG_CHANGES or age > LAG_SECONDS
    says = f"{lag.waiting} changes wait" + (f", the oldest for {age:.0f} s" if lag.waiting else "")
    yield (WARN, says, "does `rasoat schedule` run? `rasoat assess` projects too") if behind else (OK, says, "")
    if refused := store.counts().get("dead_letters", 0):
        yield WARN, f"the index refuses {refused} items", "`rasoat db dead-letters` says why"
    yield _round_trip(store, Ids().new())


def _alias(store: Store) -> Iterator[Told]:
    from rasoat.store.search_elastic import ElasticIndex
    from rasoat.store.search_elastic_errors import translated
    from rasoat.store.search_elastic_schema import FORMAT

    index = store.search
    if not isinstance(index, ElasticIndex):
        return
    with translated():
        names = sorted(index.client.indices.get(index=f"{index.alias}-*", features=["aliases"], allow_no_indices=True))
        found = {name: index.client.indices.get_mapping(index=name)[name]["mappings"].get("_meta", {}).get("format") for name in names}
        behind = sorted(index.client.indices.get_alias(name=index.alias)) if index.client.indices.exists_alias(name=index.alias) else []
    if len(behind) != 1:
        says = f"the alias {index.alias} names {len(behind)} indices" + (f": {', '.join(behind)}" if behind else "")
        yield FAIL if behind else WARN, says, "run `rasoat db rebuild-index`"
        return
    same = found.get(behind[0]) == FORMAT
    says = f"alias {index.alias} on {behind[0]}, mapping {found.get(behind[0])}, this program writes {FORMAT}"
    yield OK if same else FAIL, says, "" if same else "run `rasoat db rebuild-index`"
    if left := [name for name in names if name not in behind]:
        yield WARN, f"indices that nothing reads: {', '.join(left)}", "a rebuild is under way, or died; the next one removes them"


def _round_trip(store: Store, word: str) -> Told:
    """A document that says only that it is a probe, dated 1970 so that it stands behind everything, for a moment."""
    token = word.replace("-", "")
    probe = SearchDoc(PROBE, PROBE, "triage", (), PROBE, "file", PROBE, token, "", None, datetime(1970, 1, 1, tzinfo=UTC))
    began = time.monotonic()
    try:
        store.search.upsert([probe])
        found = [hit.doc.id for hit in store.search.search(SearchQuery(text=token)).hits]
    finally:
        store.search.delete([PROBE])
    took = (time.monotonic() - began) * 1000
    if found == [PROBE]:
        return OK, f"a document was written, found and removed in {took:.0f} ms", ""
    return FAIL, "a document that was just written is not found", "run `rasoat db rebuild-index`"


def evidence(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """A probe there and back; a sample of captures against their hashes."""
    began = time.monotonic()
    store.evidence.probe()
    yield OK, f"{store.evidence.where}: a blob was written, read and removed in {(time.monotonic() - began) * 1000:.0f} ms", ""
    if store.evidence.keeps_versions():
        yield (
            WARN,
            "the bucket keeps versions: each removal has to ask for them",
            "turn versions off for this bucket, if it serves nothing else",
        )
    looked, broken = store.examiner.broken_evidence(BLOBS)
    if broken:
        yield FAIL, f"{len(broken)} of {looked} captures drawn by lot: {broken[0]}", "restore evidence/ from the last backup"
    else:
        yield OK, f"{looked} captures drawn by lot equal their hashes", ""


def packs(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """A sample of sealed packs against the hashes that were noted; those of purged cases are gone."""
    looked, broken = store.examiner.broken_packs(BLOBS)
    if broken:
        yield FAIL, f"{len(broken)} of {looked} packs drawn by lot: {broken[0]}", "restore them from the last backup"
    else:
        yield OK, f"{store.packs.where}: {looked} packs drawn by lot equal their hashes", ""


def backups(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """The newest one, those that should be gone, and the ledger of what was erased."""
    from rasoat.store import backup, ledger

    if settings.backups is None:
        yield WARN, "no folder named; what is erased stands in no ledger", "set RASOAT_BACKUPS, see docs/retention.md"
        return
    known = ledger.read(settings.backups)
    yield OK, f"the ledger names {len(known.erased)} erased cases and {len(known.held) - len(known.released)} holds", ""
    found = backup.all_of(settings.backups)
    if late := [one.name for one in found if one.expired(clock.now())]:
        yield FAIL, f"should be gone: {', '.join(late)}", "`rasoat db backups --purge`; does `rasoat db purge` run nightly?"
    newest = max((datetime.fromisoformat(one.made_at) for one in found), default=None)
    if newest is None or clock.now() - newest > LATE_BACKUP:
        yield WARN, f"the newest backup is of {newest:%Y-%m-%d %H:%M} UTC" if newest else "there is no backup", "`rasoat db backup` nightly"
    else:
        yield OK, f"{len(found)} backups, the newest of {newest:%Y-%m-%d %H:%M} UTC", ""


def weights(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """The files of every model against the hashes in its description, also of models that are not in use."""
    described = sorted(settings.models.glob("*/model.json"))
    good = []
    for facts_file in described:
        facts = json.loads(facts_file.read_bytes())
        hashes = facts.get("sha256") or {"weights.npz": facts.get("weights_sha256")}
        wrong = [name for name, digest in hashes.items() if _sha256(facts_file.with_name(name)) != digest]
        if wrong:
            yield (
                FAIL,
                f"{facts_file.parent.name}: {', '.join(wrong)} differ from model.json, or are gone",
                "git checkout models, or rasoat train",
            )
        else:
            good.append(facts_file.parent.name)
    if good:
        yield OK, f"files equal their hashes: {', '.join(good)}", ""
    if not described:
        yield FAIL, f"no model in {settings.models}", "see RASOAT_MODELS"


def _sha256(path: Path) -> str:
    return sha256_hex(path.read_bytes()) if path.is_file() else ""


def browser(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """Chromium is for the tests and for pictures of the docs; nothing else needs one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        yield WARN, "no Chromium: the browser tests cannot run; the program itself needs none", "apt-get install chromium"
        return
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  (found above)
    except (OSError, subprocess.TimeoutExpired) as error:
        yield WARN, f"{path} does not start: {error}", "reinstall chromium"
        return
    yield (OK, done.stdout.strip(), "") if done.returncode == 0 else (WARN, f"{path} ends with {done.returncode}", "reinstall chromium")


def prefect(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """Whether the named server answers as Prefect does."""
    url = os.environ.get("PREFECT_API_URL", "").rstrip("/")
    if not url:
        yield WARN, "no server named; schedules run only while `rasoat schedule` does", "set PREFECT_API_URL"
        return
    where = urlsplit(url)._replace(query="", fragment="")
    shown = where._replace(netloc=where.netloc.rpartition("@")[2]).geturl()
    os.environ.setdefault("PREFECT_HOME", str(settings.home / "prefect"))  # read on import: else it writes to the user's home
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from prefect.client.orchestration import SyncPrefectClient  # its own client: this project holds none (charter: nothing is sent)

    with SyncPrefectClient(url, httpx_settings={"timeout": 5}) as client:  # the address is named: it must not start a server of its own
        wrong = client.api_healthcheck()
    if wrong is None:
        yield OK, f"{shown} is healthy", ""
    else:
        yield FAIL, f"{shown} does not answer: {type(wrong).__name__}", "start one with: prefect server start"


def disk(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """Space and inodes where each kind of file lies."""
    for path in sorted({settings.home, settings.evidence_dir, settings.dossier_dir}):
        if path.exists():
            yield from low_disk(path)
            inodes = os.statvfs(path)
            if inodes.f_files and inodes.f_favail / inodes.f_files < 0.02:
                yield WARN, f"{path}: fewer than 2 % of the inodes are free", "captures are one file each; use a larger file system"


def clocks(settings: Settings, store: Store, clock: Clock) -> Iterator[Told]:
    """Ours against what was written, against the database's, and whether anything keeps it right."""
    now, newest, server = clock.now(), store.examiner.newest(), store.examiner.server_time()
    if newest is not None and (ahead := (newest - now).total_seconds()) > SKEW_SECONDS:
        yield FAIL, f"this clock is {ahead:.0f} s behind the newest entry of the log: it was set back, or another machine is ahead", _NTP
    if server is not None and abs(skew := (clock.now() - server).total_seconds()) > SKEW_SECONDS:
        yield FAIL, f"this clock and the database's differ by {abs(skew):.0f} s", _NTP
    if newest is None or (newest - now).total_seconds() <= SKEW_SECONDS:
        yield OK, f"{now:%Y-%m-%d %H:%M:%S} UTC, not behind what was written", ""


_NTP: Final = "keep the clocks of all machines with NTP: events are ordered by number, but deadlines and retention go by the clock"

DEEP: Final[dict[str, Check]] = {
    "database": database,
    "search": search,
    "evidence": evidence,
    "packs": packs,
    "backups": backups,
    "weights": weights,
    "browser": browser,
    "Prefect server": prefect,
    "space": disk,
    "clock": clocks,
}


def deep(settings: Settings, store: Store, clock: Clock) -> Iterator[tuple[str, Told]]:
    """Every deep check; an error that we raise on purpose is a line, and the next check follows."""
    for what, check in DEEP.items():
        try:
            for told in check(settings, store, clock):
                yield what, told
        except RasoatError as error:
            yield what, (FAIL, str(error), getattr(error, "hint", "") or "see docs/operations.md")
