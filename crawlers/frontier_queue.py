"""The statements of the shared frontier, each inside its caller's transaction: queueing, claiming, turns at hosts, leases of the dead.

Locks are taken in one order, so that nobody waits in a circle: the source, the adders of a run, a host, requests, and last the run's row.
Who inserts waits for whoever is just changing a request of the same address; so nobody who holds requests waits for an adder.
"""

# ruff: noqa: S608  (pieces of our own statements are put together; every value is a parameter)
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from crawlers.frontier_rows import MAX_TRIES, Row, row_of
from crawlers.frontier_schema import Connection
from crawlers.targets import Target
from crawlers.urls import BadUrl, canonical, fingerprint

_CRAWLER: Final = 0x6372  # "cr": the class of the locks that crawlers hold while they live
_ADDER: Final = 0x6164  # "ad": the class of the lock of who adds to a run
_FLYING: Final = "(SELECT count(*) FROM frontier.requests f WHERE f.host = {host} AND f.state = 'in_flight')"
_BEST: Final = (
    "SELECT r.id, r.priority FROM frontier.requests r WHERE r.run = %(run)s AND r.host = {host} AND r.state = 'queued' "
    "AND r.not_before <= statement_timestamp() ORDER BY r.priority DESC, r.id LIMIT 1"
)
_HOST: Final = f"""
SELECT h.host FROM frontier.run_hosts o JOIN frontier.hosts h ON h.host = o.host
CROSS JOIN LATERAL ({_BEST.format(host="o.host")}) best CROSS JOIN LATERAL (SELECT {_FLYING.format(host="o.host")} AS n) flying
WHERE o.run = %(run)s AND flying.n < %(per_host)s
ORDER BY best.priority DESC, greatest(h.next_at, statement_timestamp()), flying.n, best.id LIMIT 1 FOR NO KEY UPDATE OF h SKIP LOCKED"""
_TAKE: Final = f"""
UPDATE frontier.requests SET state = 'in_flight', tries = tries + 1, leased_by = %(me)s
WHERE id = (SELECT id FROM ({_BEST.format(host="%(host)s")} FOR UPDATE SKIP LOCKED) best)
AND {_FLYING.format(host="%(host)s")} < %(per_host)s
RETURNING id, url, kind, depth, chain, tries"""
_ADD: Final = """
INSERT INTO frontier.requests (run, fingerprint, url, kind, depth, priority, host, path_key, chain)
SELECT %s, * FROM unnest(%s::bytea[], %s::text[], %s::text[], %s::int[], %s::int[], %s::text[], %s::bytea[], %s::text[])
ON CONFLICT (run, fingerprint) DO NOTHING"""

_TURN: Final = """
INSERT INTO frontier.hosts AS h (host, next_at, pause)
VALUES (%(host)s, clock_timestamp() + %(delay)s::float8 * interval '1 second', %(delay)s)
ON CONFLICT (host) DO UPDATE SET pause = greatest(%(delay)s::float8, h.delay),
  next_at = clock_timestamp() + greatest(%(delay)s::float8, h.delay) * interval '1 second'
WHERE h.next_at <= clock_timestamp() OR h.next_at > clock_timestamp() + h.pause * interval '1 second'"""
# later than the pause that was given: the clock was set back since, and nobody waits an hour for that


def lock_source(db: Connection, source: str) -> None:
    """One at a time opens, closes and looks after the dead."""
    db.execute("SELECT pg_advisory_xact_lock(hashtextextended('rasoat frontier ' || %s, 0))", (source,))


def lock_adding(db: Connection, run: int) -> None:
    """One at a time adds to a run: order and bounds are then those of one crawler."""
    db.execute("SELECT pg_advisory_xact_lock(%s, %s::bigint::bit(32)::int)", (_ADDER, run))


def hold(db: Connection, crawler: int) -> None:
    """Hold the lock that shows that a crawler lives, until its connection ends."""
    db.execute("SELECT pg_advisory_lock(%s, %s::bigint::bit(32)::int)", (_CRAWLER, crawler))


def bury(db: Connection, run: int, *, besides: int = 0) -> list[int]:
    """What nobody living holds waits again; returns the living. The caller holds the source's lock.

    A page that was in flight at every one of so many deaths is taken for their cause. What one that was given up is just finishing after
    all is passed over: it is done then, or found here the next time.
    """
    found = _crawlers(db, run, besides)
    alive = [crawler for crawler, lives in found if lives]
    values = {"run": run, "holders": [besides, *alive], "tries": MAX_TRIES}
    lost = (
        "SELECT id FROM frontier.requests WHERE run = %(run)s AND state = 'in_flight' AND leased_by != ALL(%(holders)s::bigint[]) "
        "FOR UPDATE SKIP LOCKED"
    )
    given_up, died = "tries >= %(tries)s", f"id IN ({lost})"
    failed = "UPDATE frontier.requests SET state = 'failed', outcome = 'crash', leased_by = NULL"
    db.execute(f"{failed} WHERE {given_up} AND {died}", values)
    _back(db, run, died, values)
    db.execute("DELETE FROM frontier.crawlers WHERE id = ANY(%s)", ([crawler for crawler, lives in found if not lives],))
    return alive


def _crawlers(db: Connection, run: int, besides: int) -> list[tuple[int, bool]]:
    lock = "pg_try_advisory_xact_lock(%(kind)s, id::bit(32)::int)"
    query = (
        f"SELECT id, CASE WHEN alive_until <= clock_timestamp() THEN false ELSE NOT {lock} END FROM frontier.crawlers "
        "WHERE run = %(run)s AND id != %(besides)s ORDER BY id"
    )
    return [(int(row[0]), bool(row[1])) for row in db.execute(query, {"kind": _CRAWLER, "run": run, "besides": besides}).fetchall()]


def give_back(db: Connection, run: int, crawler: int) -> None:
    """What this crawler holds waits again, and it is a crawler of the run no more."""
    _back(db, run, "leased_by = %(crawler)s", {"run": run, "crawler": crawler})
    db.execute("DELETE FROM frontier.crawlers WHERE id = %s", (crawler,))


def _back(db: Connection, run: int, which: str, values: dict[str, Any]) -> None:
    queued = "UPDATE frontier.requests SET state = 'queued', leased_by = NULL WHERE run = %(run)s AND state = 'in_flight'"
    row = db.execute(f"WITH back AS ({queued} AND {which} RETURNING kind) SELECT count(*) FROM back WHERE kind = 'page'", values).fetchone()
    unstart(db, run, int(row[0]) if row else 0)


def unstart(db: Connection, run: int, pages: int) -> None:
    """So many pages of the run were not asked for after all."""
    if pages:
        db.execute("UPDATE frontier.runs SET pages_started = pages_started - %s WHERE n = %s", (pages, run))


def take(db: Connection, run: int, crawler: int, per_host: int) -> tuple[Any, ...] | None:
    """The best request of a host where there is room, now in flight; None when there is none at this moment.

    Of equal ones that whose host may be asked soonest: who works on many hosts waits for none of them.

    The host's row is locked first and its requests are counted after that: two claims at one host follow each other.
    """
    host = db.execute(_HOST, {"run": run, "per_host": per_host}).fetchone()
    if host is None:
        return None
    return db.execute(_TAKE, {"run": run, "me": crawler, "host": host[0], "per_host": per_host}).fetchone()


def turn(db: Connection, host: str, delay: float) -> float:
    """0: asked now, and the next turn comes after the pause; else the seconds until it may be asked for again."""
    if db.execute(_TURN, {"host": host, "delay": delay}).rowcount:
        return 0.0
    query = "SELECT extract(epoch FROM next_at - clock_timestamp())::float8 FROM frontier.hosts WHERE host = %s"
    row = db.execute(query, (host,)).fetchone()
    return max(0.001, float(row[0])) if row else 0.001


def refuse(db: Connection, run: int, reason: str, count: int) -> None:
    """Count addresses that never became requests."""
    query = "INSERT INTO frontier.refused AS r VALUES (%s, %s, %s) ON CONFLICT (run, reason) DO UPDATE SET n = r.n + excluded.n"
    db.execute(query, (run, reason, count))


def add(db: Connection, run: int, targets: Iterable[Target], max_variants: int = 0) -> int:
    """Queue what the run does not know yet, in this order; returns how many were new. The caller is the one adder of the run."""
    rows, bad = _rows(targets)
    if bad:
        refuse(db, run, "address", bad)
    if max_variants:
        rows = _within(db, run, rows, max_variants)
    hosts = sorted({row.host for row in rows})
    db.execute("INSERT INTO frontier.hosts (host) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", (hosts,))
    db.execute("INSERT INTO frontier.run_hosts SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING", (run, hosts))
    if not rows:
        return 0
    return db.execute(_ADD, (run, *(list(column) for column in zip(*map(_values, rows), strict=True)))).rowcount


def _values(row: Row) -> tuple[Any, ...]:
    return row.fingerprint, row.url, str(row.kind), row.depth, row.priority, row.host, row.path_key, row.chain


def _rows(targets: Iterable[Target]) -> tuple[list[Row], int]:
    rows: dict[bytes, Row] = {}
    bad = 0
    for target in targets:
        try:
            row = row_of(target)
        except BadUrl:  # every way in checks before; an address that slips through must not stop the run at every resume
            bad += 1
            continue
        rows.setdefault(row.fingerprint, row)
    return list(rows.values()), bad


def _within(db: Connection, run: int, rows: list[Row], limit: int) -> list[Row]:
    """Without those that would be one query too many of their path; these are counted as refused."""
    keys = list({row.path_key for row in rows if row.path_key})
    if not keys:
        return rows
    query = "SELECT path_key, count(*) FROM frontier.requests WHERE run = %s AND path_key = ANY(%s) GROUP BY 1"
    there = Counter({bytes(key): int(n) for key, n in db.execute(query, (run, keys)).fetchall()})
    query = "SELECT fingerprint FROM frontier.requests WHERE run = %s AND fingerprint = ANY(%s)"
    known = {bytes(found) for (found,) in db.execute(query, (run, [row.fingerprint for row in rows if row.path_key])).fetchall()}
    kept: list[Row] = []
    for row in rows:
        if row.path_key is None or row.fingerprint in known:
            kept.append(row)
        elif there[row.path_key] < limit:
            there[row.path_key] += 1
            kept.append(row)
    if over := len(rows) - len(kept):
        refuse(db, run, "limit", over)
    return kept


def add_outside(db: Connection, run: int, urls: Iterable[str]) -> None:
    """Addresses outside the scope, each once whoever meets it: its fingerprint stands for it, the address itself is not kept."""
    prints: dict[bytes, None] = {}
    for url in urls:
        try:
            prints[fingerprint(canonical(url))] = None
        except BadUrl:
            continue
    if prints:
        query = (
            "INSERT INTO frontier.requests (run, fingerprint, url, kind, depth, priority, host, state, outcome) "
            "SELECT %s, unnest(%s::bytea[]), '', 'page', 0, 0, '', 'skipped', 'scope' ON CONFLICT DO NOTHING"
        )
        db.execute(query, (run, list(prints)))


def unfinished_run(db: Connection, source: str) -> tuple[int, str] | None:
    """Number and id of the run of a source that is under way or was cut off."""
    row = db.execute("SELECT n, run_id FROM frontier.runs WHERE source = %s AND finished_at IS NULL", (source,)).fetchone()
    return None if row is None else (int(row[0]), str(row[1]))


def is_crawled(db: Connection, source: str) -> bool:
    """Whether a crawler lives that is at an unfinished run of the source."""
    lock_source(db, source)
    run = unfinished_run(db, source)
    return run is not None and any(lives for _, lives in _crawlers(db, run[0], 0))
