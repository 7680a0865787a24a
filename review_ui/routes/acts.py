"""Everything that changes a case. Each form posts here; a script may post the same commands as JSON. The workflow has the last word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from rasoat.cases import commands as c
from rasoat.cases.states import CaseState
from rasoat.errors import EvidenceError
from rasoat.harms import Harm
from rasoat.store.records import CaseView
from review_ui.desk import load, page_of, perform
from review_ui.errors import RoleMissing
from review_ui.forms.acts import FORMS, read_act
from review_ui.forms.decision import read_decision
from review_ui.forms.typed import FieldProblems, Typed
from review_ui.render import respond
from review_ui.routes.queue import page_of_next, take_next
from review_ui.views.case import Asked, CasePage
from review_ui.visit import Form, Visit, Visiting, checked_form

router = APIRouter()


def _add(act: str) -> None:
    def post(visit: Visiting, form: Form, case_id: str) -> Response:
        return _answer(visit, case_id, form, act, lambda _view: read_act(act, form))

    router.add_api_route(
        f"/cases/{{case_id}}/{act}", post, methods=["POST"], name=f"post_{act}", response_model=None, include_in_schema=False
    )


for _act in FORMS:
    if _act != "adjudicate":
        _add(_act)


@router.post("/cases/{case_id}/decide", response_model=None, include_in_schema=False)
def decide(visit: Visiting, form: Form, case_id: str) -> Response:
    """A first or a second verdict, by the state of the case."""

    def read(view: CaseView) -> c.Command:
        decision = read_decision(form, visit.site.policy, _items(view), scope_warning=visit.site.scope.of(view))
        return c.SecondRead(decision=decision) if view.facts.state is CaseState.REVIEW_2 else c.Code(decision=decision)

    return _answer(visit, case_id, form, "decide", read)


@router.post("/cases/{case_id}/adjudicate", response_model=None, include_in_schema=False)
def adjudicate(visit: Visiting, form: Form, case_id: str) -> Response:
    """The policy lead rules, or sends the case back to be read anew."""

    def read(view: CaseView) -> c.Command:
        if form.get("back") == "yes":
            return read_act("adjudicate", form)
        decision = read_decision(form, visit.site.policy, _items(view), scope_warning=visit.site.scope.of(view))
        return c.Adjudicate(decision=decision, reason=decision.reason)

    return _answer(visit, case_id, form, "adjudicate", read)


@router.post("/cases/{case_id}/seal", response_model=None, include_in_schema=False)
def seal(visit: Visiting, form: Form, case_id: str) -> Response:
    """Build the pack, check it, seal the case. What is missing is listed in full."""
    view = load(visit, case_id)
    if visit.site.seal is None or view.facts.suggested is Harm.CSE:
        raise RoleMissing
    record = visit.site.seal(view.facts.id, visit.actor)
    visit.site.store.audit.log("dossier.sealed", visit.actor.pseudonym, "dossier", record.id)
    if visit.wants_json:
        return JSONResponse(jsonable_encoder(record))
    return RedirectResponse(f"/cases/{view.facts.id}?done=seal", 303)


@router.post("/cases/{case_id}/commands")
def command(
    visit: Visiting,
    _form: Annotated[FormData, Depends(checked_form)],
    case_id: str,
    body: Annotated[c.Command, Body()],
) -> CasePage:
    """Any command as JSON, with `X-CSRF-Token` of `/session.json`. Sealing is not among them: it needs a pack, see `/seal`."""
    view = load(visit, case_id)
    perform(visit, view, body)
    return page_of(visit, load(visit, case_id), Asked())


def _answer(visit: Visit, case_id: str, form: FormData, act: str, read: Callable[[CaseView], c.Command]) -> Response:
    """Do it and go back to the page; or show the page again with what was typed and what is wrong."""
    view = load(visit, case_id)
    try:
        perform(visit, view, read(view))
    except FieldProblems as error:
        return _again(visit, view, form, act, error.errors)
    except EvidenceError:
        return _again(visit, view, form, act, {"capture_verified": "capture_problem_bytes"})
    if form.get("then") == "next":
        return RedirectResponse(page_of_next(take_next(visit, but=view.facts.id)), 303)
    if act == "escalate":
        return RedirectResponse("/queue?done=escalate", 303)
    return RedirectResponse(f"/cases/{view.facts.id}?done={act}", 303)


def _again(visit: Visit, view: CaseView, form: FormData, act: str, errors: dict[str, str]) -> Response:
    if visit.wants_json:
        answer: dict[str, Any] = {"error": "input", "fields": errors}
        return JSONResponse(answer, 422)
    page = page_of(visit, view, Asked())
    return respond(visit, "case.html", page, status=422, typed=Typed.of(form, errors), act=act)


def _items(view: CaseView) -> list[Any]:
    return [entry.item for entry in view.items]
