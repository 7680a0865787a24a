"""Approved case to sealed pack: build, verify what was written, note it, then let the case move on.

Killed in between, the same call goes on with the pack that was noted; nobody can seal a case twice.
"""

from __future__ import annotations

from classifiers.personal_data import mask
from flows.runtime import Runtime
from rasoat.canonical import sha256_hex
from rasoat.cases.commands import Seal
from rasoat.cases.workflow import Actor, seal_problems
from rasoat.dossier import Signer, Status, build_pack, verify_pack
from rasoat.errors import DossierRefused, EvidenceError
from rasoat.store.records import CaseView, DossierRecord


def seal(rt: Runtime, case_id: str, actor: Actor) -> DossierRecord:
    """Build the pack of an approved case and seal the case with its hash. A person asked for it; nothing is sent.

    Raises:
        DossierRefused: every export check that failed.
        WorkflowError: the case, or this person, cannot do that now, or somebody else is sealing it.
        EvidenceError: evidence, or a pack from an interrupted call, is missing or damaged.
    """
    view = rt.store.cases.view(case_id)
    if problems := seal_problems(view.facts, rt.clock.now(), rt.store.staffing()):
        raise DossierRefused(problems)
    noted = rt.store.dossiers.of(case_id)
    record = _whole(rt, noted[-1]) if noted else _build(rt, view)
    rt.store.cases.apply(case_id, Seal(dossier_id=record.id, pack_sha256=record.sha256), actor)
    return record


def _build(rt: Runtime, view: CaseView) -> DossierRecord:
    now = rt.clock.now()
    built = build_pack(
        view,
        policy=rt.policy,
        evidence=rt.store.evidence,
        settings=rt.settings,
        signer=Signer.load(rt.settings),
        built_at=now,
        dossier_id=rt.ids.new(),
        out_dir=rt.settings.dossier_dir,
        staffing=rt.store.staffing(),
        mask=mask,
        reversed_urls=rt.store.cases.reversed_addresses(),
    )
    record = DossierRecord(built.dossier_id, view.facts.id, 1, built.path.name, built.sha256, now)
    rt.store.dossiers.add(record)
    return record


def _whole(rt: Runtime, record: DossierRecord) -> DossierRecord:
    path = rt.settings.dossier_dir / record.path
    if not path.is_file() or sha256_hex(path.read_bytes()) != record.sha256 or verify_pack(path).status is not Status.OK:
        raise EvidenceError(f"the pack {path.name}, noted by an interrupted call, is missing or damaged")
    return record
