"""Answering somebody whose post is kept: the decision in the register, and for access the document that is handed over. Nothing is sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flows.runtime import Runtime
from rasoat.canonical import sha256_hex
from rasoat.cases.subject_requests import RefusalGround, RequestKind, RequestOutcome
from rasoat.errors import UsageError
from rasoat.store.subject_requests import Answered
from review_ui.views.kept import kept_case


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided; `document` is JSON for whoever asked, where access was granted."""

    answered: Answered
    document: str = ""


def answer(
    rt: Runtime,
    request_id: str,
    outcome: RequestOutcome,
    ground: RefusalGround | None = None,
    *,
    by: str,
    approved_by: str,
    theirs: Collection[str] = (),
    waived: bool = False,
) -> Answer:
    """Answer a request as these two people decided. Each time that a document is made stands in the audit log, with its hash.

    Raises:
        UsageError: no such request, person or post, or an answer that it cannot have.
        WorkflowError: the case, or these people, cannot do that.
    """
    request = rt.store.requests.get(request_id)
    hands_over = request.kind is RequestKind.ACCESS and outcome is RequestOutcome.GRANTED and request.case_id is not None
    if theirs and not hands_over:
        raise UsageError("posts are chosen where access is granted")
    document = _document(rt, request.case_id, theirs) if hands_over and request.case_id else ""
    answered = rt.store.requests.answer(request_id, outcome, ground, by=by, approved_by=approved_by, waived=waived)
    if document:
        person = rt.store.accounts.get(by)
        actor = person.pseudonym if person else ""
        digest = sha256_hex(document.encode())
        rt.store.audit.log("request.handed_over", actor, "request", request_id, case=request.case_id, document_sha256=digest)
    return Answer(answered, document)


def _document(rt: Runtime, case_id: str, theirs: Collection[str]) -> str:
    """Made before the answer is written down: what cannot be handed over is not granted."""
    kept = kept_case(rt.store.cases.view(case_id), theirs, rt.policy, rt.clock.now())
    return kept.model_dump_json(indent=2) + "\n"
