"""Approved case to sealed pack: build, verify what was written, then let the case move on."""

from __future__ import annotations

from classifiers.personal_data import mask
from flows.runtime import Runtime
from rasoat.cases.commands import Seal
from rasoat.cases.workflow import Actor, seal_problems
from rasoat.dossier import Signer, build_pack
from rasoat.errors import DossierRefused
from rasoat.store.records import DossierRecord


def seal(rt: Runtime, case_id: str, actor: Actor) -> DossierRecord:
    """Build the pack of an approved case and seal the case with its hash. A person asked for it; nothing is sent.

    Raises:
        DossierRefused: every export check that failed.
        WorkflowError: the case, or this person, cannot do that now.
    """
    view = rt.store.cases.view(case_id)
    now, staffing = rt.clock.now(), rt.store.staffing()
    if problems := seal_problems(view.facts, now, staffing):
        raise DossierRefused(problems)
    built = build_pack(
        view,
        policy=rt.policy,
        evidence=rt.store.evidence,
        settings=rt.settings,
        signer=Signer.load(rt.settings),
        built_at=now,
        dossier_id=rt.ids.new(),
        out_dir=rt.settings.dossier_dir,
        staffing=staffing,
        mask=mask,
        reversed_urls=rt.store.cases.reversed_addresses(),
    )
    record = DossierRecord(built.dossier_id, case_id, 1, built.path.name, built.sha256, now)
    # pack first, then the event: a pack without an event is an orphan; an event without a pack would be a promise without proof
    rt.store.cases.apply(case_id, Seal(dossier_id=record.id, pack_sha256=record.sha256), actor)
    rt.store.dossiers.add(record)
    return record
