"""Inbox to case: assess what waits, open cases for what is flagged, drop the text of the rest.

Any number of workers, in any number of processes on any number of machines, work on one database: each leases a batch, assesses it and
writes all verdicts in one transaction. Killed in between, its batch goes to the next; nothing is assessed or counted twice.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

import structlog

from classifiers.near_duplicates import band_keys, signature
from flows.runtime import Runtime
from rasoat.assessments import Assessment
from rasoat.errors import RetryLater
from rasoat.items import Item
from rasoat.logs import working_on
from rasoat.missing import given
from rasoat.store.admitting import Flagged
from rasoat.store.leasing import LEASE

log = structlog.get_logger(__name__)
BATCH: Final = 200
"""Items per round: big enough for the model's fast path, small enough that a kill repeats little."""


@dataclass(frozen=True, slots=True)
class AssessReport:
    """`assessed = flagged + dropped`, always; `audit` is the part of the dropped whose text is kept 90 days.

    Counts what this caller wrote: the reports of all who work on a database add up to what was assessed there.
    """

    assessed: int = 0
    flagged: int = 0
    opened: int = 0
    joined: int = 0
    dropped: int = 0
    audit: int = 0

    def __add__(self, other: AssessReport) -> AssessReport:
        return AssessReport(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def assess(rt: Runtime, *, limit: int | None = None, progress: Callable[[int], None] | None = None) -> AssessReport:
    """Assess up to `limit` waiting items (all by default). `progress` is told how many each round wrote.

    First, what a dead worker left is taken over. Ends when nothing waits but what living workers hold.
    """
    total, taken = AssessReport(), 0
    secret = rt.settings.secret("sampling.key")
    rt.store.leases.reconcile()
    with rt.store.leases.worker() as worker, working_on(run_id=worker):
        while limit is None or taken < limit:
            items = rt.store.leases.take(worker, BATCH if limit is None else min(BATCH, limit - taken))
            if not items and not rt.store.leases.reconcile():
                break
            taken += len(items)
            if items:
                done = _round(rt, worker, secret, items)
                total += done
                if progress:
                    progress(done.assessed)
    return total


def _round(rt: Runtime, worker: str, secret: bytes, items: list[Item]) -> AssessReport:
    with _kept(rt, worker):
        now, assessments = rt.clock.now(), rt.classifier.assess_many([item.text for item in items])
        widened = [_widen(rt, item, assessment) for item, assessment in zip(items, assessments, strict=True)]
        decided = [(item, replace(assessment, at=now)) for item, assessment in widened]
        flagged = [_flagged(rt, secret, item, found) for item, found in decided if found.flagged]
    return _settle(rt, worker, secret, decided, flagged)


@contextmanager
def _kept(rt: Runtime, worker: str) -> Iterator[None]:
    """Renew the leases while the model is at work, from a thread: a long text must not cost them."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(LEASE.total_seconds() / 3):
            with suppress(RetryLater):  # a lease that could not be renewed is found lost when the verdicts are written
                rt.store.leases.renew(worker)

    thread = threading.Thread(target=renew, name=worker, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _widen(rt: Runtime, item: Item, assessment: Assessment) -> tuple[Item, Assessment]:
    """A page whose main text is harmless may carry harm outside of it (injected links, a hidden block): read all of it then.

    The item's text becomes the whole page, so that spans point into what the reviewer reads.
    """
    if assessment.flagged or item.verbatim.strip() in ("", item.text.strip()):
        return item, assessment
    whole = rt.classifier.assess(item.verbatim, platform=item.platform)
    return (replace(item, text=item.verbatim), whole) if whole.flagged else (item, assessment)


def _settle(rt: Runtime, worker: str, secret: bytes, decided: list[tuple[Item, Assessment]], flagged: list[Flagged]) -> AssessReport:
    share = rt.settings.audit_share
    drops = [(item, found, _drawn(secret, "audit", item.id, share)) for item, found in decided if not found.flagged]
    settled = rt.store.leases.settle(worker, drops, flagged)
    opened = sum(admission.opened for admission in settled.admissions)
    dropped = [audit for item, _, audit in drops if item.id in settled.done]
    kept = [one for one in flagged if one.item.id in settled.done]
    for one, admission in zip(kept, settled.admissions, strict=True):  # of what was dropped nothing is written down, not even here
        log.info("item.flagged", item_id=one.item.id, case_id=admission.case_id, opened=admission.opened)
    log.info("round.settled", stage="assess", assessed=len(settled.done), flagged=len(kept), dropped=len(dropped))
    return AssessReport(
        assessed=len(settled.done),
        flagged=len(settled.admissions),
        opened=opened,
        joined=len(settled.admissions) - opened,
        dropped=len(dropped),
        audit=sum(dropped),
    )


def _flagged(rt: Runtime, secret: bytes, item: Item, assessment: Assessment) -> Flagged:
    near = signature(f"{given(item.title, '')}\n{item.text}")
    return Flagged(
        item,
        assessment,
        near,
        band_keys(near) if near else (),
        min(rt.policy.harm(harm).severity_shown({r.code for r in assessment.reasons if r.harm is harm}) for harm in assessment.flagged),
        _drawn(secret, "second", item.id, rt.settings.second_reading_share),
    )


def _drawn(secret: bytes, purpose: str, item_id: str, share: float) -> bool:
    """Whether the lot falls on this item: the same answer at every repetition, and nobody outside can foresee it."""
    digest = hashlib.blake2b(f"{purpose}\0{item_id}".encode(), key=secret, digest_size=8).digest()
    return int.from_bytes(digest) / 2**64 < share
