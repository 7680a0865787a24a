"""Approved case to sealed pack: make it in memory, verify, put it where packs lie, note it, then let the case move on.

Building may be done ahead (`prepare`); sealing is always a person's act. Killed in between, the same call goes on with
the pack that was noted; nobody can seal a case twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from classifiers.personal_data import mask
from flows.runtime import Runtime
from rasoat.canonical import sha256_hex
from rasoat.cases.commands import Seal
from rasoat.cases.states import CaseState
from rasoat.cases.workflow import SYSTEM, Actor, seal_problems
from rasoat.dossier import Request, Signer, Status, make_pack, verify_bytes
from rasoat.errors import DossierRefused, EvidenceError
from rasoat.store.records import CaseView, DossierRecord, QueueQuery


def seal(rt: Runtime, case_id: str, actor: Actor) -> DossierRecord:
    """Build the pack of an approved case and seal the case with its hash. A person asked for it; nothing is sent.

    Raises:
        DossierRefused: every export check that failed.
        WorkflowError: the case, or this person, cannot do that now, or somebody else is sealing it.
        EvidenceError: evidence, or a pack from an interrupted call, is missing or damaged.
        RetryLater: the store of the packs is away.
    """
    view = rt.store.cases.view(case_id)
    if problems := seal_problems(view.facts, rt.clock.now(), rt.store.staffing()):
        raise DossierRefused(problems)
    noted = _noted(rt, view)
    record = _whole(rt, noted) if noted else _build(rt, view)
    rt.store.cases.apply(case_id, Seal(dossier_id=record.id, pack_sha256=record.sha256), actor)
    return record


@dataclass(frozen=True, slots=True)
class PrepareReport:
    """`waiting = built + known + refused`: approved cases whose publisher was told and whose time to mend is over."""

    waiting: int = 0
    built: int = 0
    known: int = 0
    refused: int = 0


def prepare(rt: Runtime) -> PrepareReport:
    """Build the packs of all cases that a person could seal now, so that sealing takes a moment. Seals nothing."""
    built = known = refused = 0
    query = QueueQuery(states=(CaseState.PUBLISHER_NOTICE,), readable_only=False, limit=rt.store.counts()["cases"])
    for row in rt.store.cases.queue(query, SYSTEM).rows:
        view = rt.store.cases.view(row.case_id)
        if seal_problems(view.facts, rt.clock.now(), rt.store.staffing()):
            continue
        if _noted(rt, view):
            known += 1
            continue
        try:
            _build(rt, view)
            built += 1
        except DossierRefused:
            refused += 1  # the person who seals is told every reason
    return PrepareReport(built + known + refused, built, known, refused)


def _noted(rt: Runtime, view: CaseView) -> DossierRecord | None:
    """The pack that was built of the case as it stands; None when something happened to the case since."""
    packs = rt.store.dossiers.of(view.facts.id)
    return packs[-1] if packs and packs[-1].built_at >= view.events[-1].at else None


def _build(rt: Runtime, view: CaseView) -> DossierRecord:
    now, version = rt.clock.now(), len(rt.store.dossiers.of(view.facts.id)) + 1
    reversed_urls = rt.store.cases.reversed_addresses()
    request = Request(
        view, rt.policy, rt.settings, rt.store.staffing(), now, rt.ids.new(), mask, version=version, reversed_urls=reversed_urls
    )
    data = make_pack(request, rt.store.evidence, Signer.load(rt.settings))
    record = DossierRecord(request.dossier_id, view.facts.id, version, f"{request.dossier_id}.zip", sha256_hex(data), now)
    _verify(data, record)
    rt.store.packs.put(record.path, data)  # killed before the next line: nobody names it, and a purge takes it after a day
    rt.store.dossiers.add(record)
    return record


def _whole(rt: Runtime, record: DossierRecord) -> DossierRecord:
    """A pack that an interrupted call noted, read again."""
    _verify(rt.store.packs.get(record.path, record.sha256), record)
    return record


def _verify(data: bytes, record: DossierRecord) -> None:
    verdict = verify_bytes(data)
    if verdict.status is not Status.OK:
        raise EvidenceError(f"the pack {record.path} does not verify: " + "; ".join(map(str, verdict.problems)))
