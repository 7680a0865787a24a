"""What a person writes down when deciding. Validated here, once, whatever page or script it came from."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rasoat.assessments import Span
from rasoat.harms import NO_DOSSIER, Harm, Outcome


class ContextBox(StrEnum):
    """The seven-box context checklist, and `NO_BOX` for 'I looked; none applies'."""

    NEWS = "news"
    QUOTATION = "quotation"
    COUNTERSPEECH = "counterspeech"
    SATIRE = "satire"
    EDUCATION = "education"
    RECLAIMED = "reclaimed"
    HEALTH = "health"
    NO_BOX = "none"


class Measure(StrEnum):
    """From the least to the most restrictive. `LETTER` asks only the publisher."""

    LETTER = "letter"
    LABEL = "label"
    AGE_GATE = "age_gate"
    DEAMPLIFY = "deamplify"
    GEO_LIMIT = "geo_limit"
    REMOVE_ITEM = "remove_item"
    CLOSE_ACCOUNT = "close_account"


class ExpressionRisk(StrEnum):
    """How likely the request is to hit protected speech. `HIGH` needs the policy lead's sign-off."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Quote(_Frozen):
    """The words relied on, by offsets into the original text of one item of the case."""

    item_id: str
    start: int = Field(ge=0)
    end: int = Field(gt=0)

    @property
    def span(self) -> Span:
        """As a span."""
        return Span(self.start, self.end)


class Decision(_Frozen):
    """One reader's verdict. A harm needs a quote, a reason, an innocent reading, a measure and a ground; no harm needs a reason."""

    outcome: Harm | Outcome
    secondary: tuple[Harm, ...] = ()
    quote: Quote | None = None
    context: frozenset[ContextBox] = Field(min_length=1)
    context_note: str = Field(default="", max_length=1000)
    innocent_reading: str = Field(default="", max_length=1000)
    reason: str = Field(min_length=10, max_length=5000)
    measure: Measure | None = None
    policy_ground: str | None = None  # id of a platform policy section in data/policy
    legal_grounds: tuple[str, ...] = ()  # ids on the allow-list
    expression_risk: ExpressionRisk = ExpressionRisk.LOW
    expression_note: str = Field(default="", max_length=1000)
    overrules_scope_warning: bool = False

    @property
    def harm(self) -> Harm | None:
        """The harm, or None for a no-harm outcome."""
        return self.outcome if isinstance(self.outcome, Harm) else None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if ContextBox.NO_BOX in self.context and len(self.context) > 1:
            raise ValueError("context: 'none' excludes the other boxes")
        if self.harm is None:
            return self
        if self.quote is None or self.quote.end <= self.quote.start:
            raise ValueError("quote: a harm needs the words that it rests on")
        if len(self.innocent_reading) < 10:
            raise ValueError("innocent_reading: write the most innocent way to read it, in one sentence")
        if self.measure is None:
            raise ValueError("measure: choose the least restrictive measure that suffices")
        if self.harm is Harm.AGG and self.measure is not Measure.LETTER:
            raise ValueError("measure: AGG allows a letter to the operator and nothing else")
        if self.harm not in NO_DOSSIER and self.policy_ground is None and not self.legal_grounds:
            raise ValueError("policy_ground: name the platform's rule, or a legal ground on the allow-list, or both")
        return self


class NoticeChoice(StrEnum):
    """What was done about telling the publisher."""

    SENT = "sent"
    DEFERRED = "deferred"
    NOT_SENT = "not_sent"


class DeferralReason(StrEnum):
    """The only reasons to wait, 30 days at most."""

    CHILD_SAFETY = "child_safety"
    THREAT_TO_LIFE = "threat_to_life"
    ACTIVE_FRAUD = "active_fraud"


class NoContactReason(StrEnum):
    """The only reasons not to tell a publisher at all."""

    NO_CONTACT_FOUND = "no_contact_found"
    BULK_COMMERCIAL = "bulk_commercial"  # DSA Art. 17(2): deceptive high-volume commercial content


class PlatformAnswer(StrEnum):
    """What the platform did."""

    ACTIONED = "actioned"
    PARTIAL = "partial"
    REJECTED = "rejected"
    NO_RESPONSE = "no_response"
    NEEDS_INFO = "needs_info"
