"""The decision form: one reader's verdict, checked against the policy (section and ground must stand for the code) and the text."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError
from starlette.datastructures import FormData

from rasoat.cases.decisions import Decision
from rasoat.harms import Harm
from rasoat.items import Item
from rasoat.policy import Policy
from review_ui.forms.typed import FieldProblems, problems_of
from review_ui.views.base import known


def read_decision(form: FormData, policy: Policy, items: Sequence[Item], *, scope_warning: bool) -> Decision:
    """The verdict.

    Raises:
        FieldProblems: every field that is wrong, at once.
    """
    errors: dict[str, str] = {}
    outcome = _text(form, "outcome")
    harm = known(Harm, outcome)
    fields: dict[str, object] = {
        "outcome": outcome,
        "context": [value for value in form.getlist("context") if isinstance(value, str)],
        "context_note": _text(form, "context_note"),
        "reason": _text(form, "reason"),
        "expression_risk": _text(form, "expression_risk") or "low",
        "expression_note": _text(form, "expression_note"),
        "overrules_scope_warning": scope_warning and harm is not None,
    }
    if harm is not None:
        fields |= _harm_fields(form, harm, policy, items, errors)
        if scope_warning and _text(form, "overrules_scope_warning") != "yes":
            errors["overrules_scope_warning"] = "field_overrules_scope_warning"
    try:
        decision = Decision.model_validate(fields)
    except ValidationError as error:
        raise FieldProblems(problems_of(error) | _gaps(fields, harm) | errors) from error
    if errors:
        raise FieldProblems(errors)
    return decision


def _harm_fields(form: FormData, harm: Harm, policy: Policy, items: Sequence[Item], errors: dict[str, str]) -> dict[str, object]:
    section = _text(form, "policy_ground")
    grounds = [value for value in form.getlist("legal_grounds") if isinstance(value, str) and value]
    offered = {s.id for item in items for s in policy.sections(item.platform, harm)}
    if section and section not in offered:
        errors["policy_ground"] = "field_policy_ground_other"
    if not set(grounds) <= {ground.id for ground in policy.grounds_for(harm)}:
        errors["legal_grounds"] = "field_legal_grounds_other"
    return {
        "innocent_reading": _text(form, "innocent_reading"),
        "measure": _text(form, "measure") or None,
        "policy_ground": section or None,
        "legal_grounds": tuple(grounds),
        "secondary": tuple(v for v in form.getlist("secondary") if isinstance(v, str) and v != harm.value),
        "quote": _quote(_text(form, "quote"), items, errors),
    }


def _gaps(fields: dict[str, object], harm: Harm | None) -> dict[str, str]:
    """Rules over several fields run only when each field alone is right: report the plain gaps of a harm in the same go."""
    found: dict[str, str] = {}
    if harm is None:
        return found
    if fields.get("quote") is None:
        found["quote"] = "field_quote"
    if len(str(fields.get("innocent_reading", ""))) < 10:
        found["innocent_reading"] = "field_innocent_reading"
    if fields.get("measure") is None:
        found["measure"] = "field_measure"
    if fields.get("policy_ground") is None and not fields.get("legal_grounds") and harm is not Harm.AGG:
        found["policy_ground"] = "field_policy_ground"
    return found


def _quote(value: str, items: Sequence[Item], errors: dict[str, str]) -> dict[str, object] | None:
    """`item:start:end`, which the script or the select wrote."""
    if not value:
        return None
    item_id, _, rest = value.partition(":")
    start, _, end = rest.partition(":")
    item = next((item for item in items if item.id == item_id), None)
    if item is None or not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit()) or len(value) > 200:
        errors["quote"] = "field_quote"
        return None
    if not int(start) < int(end) <= len(item.text):
        errors["quote"] = "field_quote"
        return None
    return {"item_id": item_id, "start": int(start), "end": int(end)}


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
