"""Inbox to case: assess what waits, open cases for what is flagged, drop the text of the rest.

An item is assessed, then admitted or dropped in one transaction of the store; killed in between, it simply waits again.
Two processes on one home take turns by the round, so that no item is assessed or counted twice.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from classifiers.near_duplicates import band_keys, signature
from flows.runtime import Runtime
from rasoat.assessments import Assessment
from rasoat.items import Item
from rasoat.missing import given
from rasoat.store.admitting import Flagged

BATCH = 200
"""Items per round: big enough for the model's fast path, small enough that a kill repeats little."""


@dataclass(frozen=True, slots=True)
class AssessReport:
    """`assessed = flagged + dropped`, always; `audit` is the part of the dropped whose text is kept 90 days."""

    assessed: int = 0
    flagged: int = 0
    opened: int = 0
    joined: int = 0
    dropped: int = 0
    audit: int = 0

    def __add__(self, other: AssessReport) -> AssessReport:
        return AssessReport(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def assess(rt: Runtime, *, limit: int | None = None, progress: Callable[[int], None] | None = None) -> AssessReport:
    """Assess up to `limit` waiting items (all by default). `progress` is told how many each round took."""
    total = AssessReport()
    secret = rt.settings.secret("sampling.key")
    while limit is None or total.assessed < limit:
        with _turn(rt):
            done = _round(rt, secret, BATCH if limit is None else min(BATCH, limit - total.assessed))
        if not done.assessed:
            break
        total += done
        if progress:
            progress(done.assessed)
    return total


@contextmanager
def _turn(rt: Runtime) -> Iterator[None]:
    with (rt.settings.home / "assess.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel gives it back when the holder dies, however it dies
        yield


def _round(rt: Runtime, secret: bytes, size: int) -> AssessReport:
    items = rt.store.inbox.pending(size)
    now, assessments = rt.clock.now(), rt.classifier.assess_many([item.text for item in items])
    widened = [_widen(rt, item, assessment) for item, assessment in zip(items, assessments, strict=True)]
    return _settle(rt, secret, [(item, replace(assessment, at=now)) for item, assessment in widened])


def _widen(rt: Runtime, item: Item, assessment: Assessment) -> tuple[Item, Assessment]:
    """A page whose main text is harmless may carry harm outside of it (injected links, a hidden block): read all of it then.

    The item's text becomes the whole page, so that spans point into what the reviewer reads.
    """
    if assessment.flagged or item.verbatim.strip() in ("", item.text.strip()):
        return item, assessment
    whole = rt.classifier.assess(item.verbatim, platform=item.platform)
    return (replace(item, text=item.verbatim), whole) if whole.flagged else (item, assessment)


def _settle(rt: Runtime, secret: bytes, decided: list[tuple[Item, Assessment]]) -> AssessReport:
    share = rt.settings.audit_share
    drops = [(item, found, _drawn(secret, "audit", item.id, share)) for item, found in decided if not found.flagged]
    rt.store.inbox.drop_many(drops)
    admissions = rt.store.cases.admit_many([_flagged(rt, secret, item, found) for item, found in decided if found.flagged])
    opened = sum(admission.opened for admission in admissions)
    return AssessReport(
        assessed=len(decided),
        flagged=len(admissions),
        opened=opened,
        joined=len(admissions) - opened,
        dropped=len(drops),
        audit=sum(audit for _, _, audit in drops),
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
