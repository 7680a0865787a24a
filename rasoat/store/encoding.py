"""Domain values to JSON and back. One place, so that what was stored last year can be read this year.

Pure: knows no table and no connection.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from rasoat.assessments import Assessment, Origin, Reason, Span, Versions
from rasoat.harms import Harm
from rasoat.items import BlobRef
from rasoat.store.columns import from_micros, to_micros

_HARMS = tuple(Harm)
Json = dict[str, Any]


def dumps(value: Any) -> str:
    """Compact JSON, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def blob_to_json(blob: BlobRef) -> Json:
    """A reference to bytes."""
    return {"sha256": blob.sha256, "size": blob.size, "media_type": blob.media_type, "sealed": blob.sealed}


def blob_from_json(body: Json) -> BlobRef:
    """The inverse of `blob_to_json`."""
    return BlobRef(body["sha256"], body["size"], body["media_type"], body["sealed"])


def flags_of(harms: tuple[Harm, ...]) -> int:
    """Harms as bits, in the order of the closed list, so that SQL can filter with one AND."""
    return sum(1 << _HARMS.index(harm) for harm in set(harms))


def harms_of(flags: int) -> tuple[Harm, ...]:
    """The inverse of `flags_of`, in the order of the closed list."""
    return tuple(harm for bit, harm in enumerate(_HARMS) if flags >> bit & 1)


def assessment_to_json(assessment: Assessment) -> Json:
    """All of it: an assessment must be explainable without the models that made it."""
    return {
        "probabilities": {harm.value: value for harm, value in assessment.probabilities.items()},
        "flagged": [harm.value for harm in assessment.flagged],
        "reasons": [_reason_to_json(reason) for reason in assessment.reasons],
        "versions": {
            "model": assessment.versions.model,
            "rules": assessment.versions.rules,
            "lexicon": assessment.versions.lexicon,
            "policy": assessment.versions.policy,
        },
        "at": None if assessment.at is None else to_micros(assessment.at),
        "thresholds": {harm.value: value for harm, value in assessment.thresholds.items()},
        "uncertain": [harm.value for harm in assessment.uncertain],
    }


def assessment_from_json(body: Json) -> Assessment:
    """The inverse of `assessment_to_json`."""
    at: datetime | None = None if body["at"] is None else from_micros(body["at"])
    return Assessment(
        probabilities={Harm(code): value for code, value in body["probabilities"].items()},
        flagged=tuple(Harm(code) for code in body["flagged"]),
        reasons=tuple(_reason_from_json(reason) for reason in body["reasons"]),
        versions=Versions(**body["versions"]),
        at=at,
        thresholds={Harm(code): value for code, value in body["thresholds"].items()},
        uncertain=tuple(Harm(code) for code in body.get("uncertain", ())),  # absent before the cascade
    )


def _reason_to_json(reason: Reason) -> Json:
    span = None if reason.span is None else [reason.span.start, reason.span.end]
    return {
        "harm": reason.harm.value,
        "origin": reason.origin.value,
        "code": reason.code,
        "weight": reason.weight,
        "span": span,
        "evidence": reason.evidence,
    }


def _reason_from_json(body: Json) -> Reason:
    span = None if body["span"] is None else Span(*body["span"])
    return Reason(Harm(body["harm"]), Origin(body["origin"]), body["code"], body["weight"], span, body["evidence"])
