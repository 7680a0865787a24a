"""The notice core `dossier/1`: the 29 fields of NOTICES §12 as frozen, strict models. Every destination's form is cut from it.

Owns shapes and limits. A value that the platform did not give is `null` in the JSON, never left out and never invented.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rasoat.canonical import canonical_json
from rasoat.cases.decisions import ContextBox, DeferralReason, ExpressionRisk, Measure, NoContactReason, NoticeChoice
from rasoat.harms import Harm
from rasoat.items import CaptureMethod, ItemKind, Platform

FORMAT: Final = "dossier/1"
MAX_QUOTE: Final = 1000  # NOTICES §12.7
MAX_EXPLANATION: Final = 5000  # NOTICES §12.15

Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+([/?#]\S*)?$", max_length=8000)]
Words = Annotated[str, Field(min_length=1, max_length=MAX_EXPLANATION)]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TwoLanguages(_Strict):
    """The same words in Vietnamese and English."""

    vi: Words
    en: Words


class Locator(_Strict):
    """Where on the page: the platform's own id of the thing, and where the quote stands in its text (code points)."""

    id: str = Field(min_length=1, max_length=8000)
    quote_start: int | None = Field(ge=0)
    quote_end: int | None = Field(gt=0)


class CaptureRef(_Strict):
    """One sighting (NOTICES §11.2). `file` is its place in the pack, `withheld` why its bytes are not there."""

    id: str = Field(min_length=1)
    method: CaptureMethod
    captured_at: Moment
    sha256: Sha256
    size: int = Field(ge=0)
    media_type: str
    payload_sha256: Sha256
    text_sha256: Sha256
    tool: str
    requested_url: str | None
    final_url: str | None
    redirects: tuple[str, ...]
    http_status: int | None
    file: str | None
    withheld: Literal["leaked_data", "self_harm_method"] | None


class NoticeItem(_Strict):
    """Fields 5 to 12: one thing complained of."""

    url: Url
    locator: Locator
    platform: Platform
    kind: ItemKind
    title: str | None
    quote_original: str | None = Field(max_length=MAX_QUOTE)
    quote_omitted: Literal["leaked_data", "self_harm_method"] | None
    quote_translation: str | None
    content_type: Literal["CONTENT_TYPE_TEXT", "CONTENT_TYPE_VIDEO"]
    content_language: Literal["vi"]
    published_at_claimed: Moment | None
    captures: tuple[CaptureRef, ...] = Field(min_length=1)
    text_file: str | None
    text_masked: bool

    @model_validator(mode="after")
    def _quoted_or_said_why_not(self) -> Self:
        if (self.quote_original is None) == (self.quote_omitted is None):
            raise ValueError("a quote, or the reason why there is none")
        return self


class PolicyGround(_Strict):
    """Field 13: the section of the platform's own rules."""

    id: str
    destination: TwoLanguages | None
    platform: Platform
    name: Words
    url: str | None
    as_of: Day
    source_state: Literal["P", "S", "M"]


class LegalGroundRef(_Strict):
    """Field 14: a ground on the allow-list. `article` is null where nobody has confirmed it."""

    id: str
    instrument: TwoLanguages
    title: TwoLanguages
    article: str | None
    url: str | None
    territory: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    as_of: Day
    source_state: Literal["P", "S", "M"]
    lawyer_confirmed: bool


class Context(_Strict):
    """Field 16: the seven-box checklist as the reader ticked it, and the most innocent reading."""

    boxes: tuple[ContextBox, ...] = Field(min_length=1)
    note: str
    innocent_reading: str


class Risk(_Strict):
    """Field 17. `signed_off_by` is the policy lead's pseudonym."""

    level: ExpressionRisk
    note: str
    signed_off_by: str | None


class MeasureAsked(_Strict):
    """Field 18: the least restrictive measure that suffices, and why."""

    measure: Measure
    name: TwoLanguages
    why: TwoLanguages


class RequesterCapacity(_Strict):
    """Field 20: printed on every export. A public authority's request is a government request and is called so."""

    id: str = Field(min_length=1)
    label: TwoLanguages
    public_authority: bool


class Notifier(_Strict):
    """Field 21: the organisation. No single person is named."""

    org: str = Field(min_length=1)
    name: str | None
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class BonaFide(_Strict):
    """Field 23: who signed that the request is accurate and complete, and when."""

    text: TwoLanguages
    signer: str = Field(min_length=1)
    at: Moment


class MachineVersions(_Strict):
    """The files that made the assessment."""

    model: str
    rules: str
    lexicon: str
    policy: str


class Automation(_Strict):
    """Field 24: software may have surfaced it; people decided."""

    detection: bool
    versions: tuple[MachineVersions, ...]
    decision: Literal["human"]


class Review(_Strict):
    """Field 25: one person's part, by pseudonym."""

    reviewer: str = Field(min_length=1)
    at: Moment
    decision: str
    reason: str


class PublisherNotice(_Strict):
    """Field 26: how the publisher was told, or the lawful reason why not (yet)."""

    choice: NoticeChoice
    at: Moment
    channel: str | None
    deferral: DeferralReason | None
    deferred_until: Moment | None
    no_contact: NoContactReason | None
    reason: str


class Redress(_Strict):
    """Field 27: how to object to this request."""

    address: str = Field(min_length=3)
    months: int = Field(ge=6)
    not_before: Day
    free: Literal[True]
    decided_by: TwoLanguages
    external: tuple[TwoLanguages, ...] = Field(min_length=1)


class SentEntry(_Strict):
    """Field 28: one manual sending. Empty when the pack is sealed: sending comes after."""

    channel: str
    operator: str
    at: Moment
    reference: str | None


class OutcomeEntry(_Strict):
    """Field 29: what came back. Empty when the pack is sealed."""

    action: str
    at: Moment
    reason: str | None
    permalink: str | None
    reversal: bool


class Notice(_Strict):
    """The dossier core. The comments give the number of NOTICES §12."""

    format: Literal["dossier/1"]
    built_at: Moment
    software: str
    dossier_id: Uuid  # 1
    version: int = Field(ge=1)  # 2
    harm_code: Harm  # 3
    harm_name: TwoLanguages
    secondary_codes: tuple[Harm, ...]  # 4
    items: tuple[NoticeItem, ...] = Field(min_length=1)  # 5-12
    policy_ground: PolicyGround | None  # 13
    legal_grounds: tuple[LegalGroundRef, ...]  # 14
    explanation: Words  # 15
    context_considered: Context  # 16
    expression_risk: Risk  # 17
    least_restrictive_measure: MeasureAsked  # 18
    territory: tuple[Annotated[str, Field(pattern="^[A-Z]{2}$")], ...] = Field(min_length=1)  # 19
    requester_capacity: RequesterCapacity  # 20
    notifier: Notifier  # 21
    complainant: None  # 22: never exported
    bona_fide_statement: BonaFide  # 23
    automation: Automation  # 24
    review_1: Review  # 25
    review_2: Review | None
    adjudication: Review | None
    approval: Review
    publisher_notice: PublisherNotice  # 26
    redress_info: Redress  # 27
    sent_log: tuple[SentEntry, ...]  # 28
    outcome: tuple[OutcomeEntry, ...]  # 29

    @model_validator(mode="after")
    def _checked_by_others(self) -> Self:
        if self.policy_ground is None and not self.legal_grounds:
            raise ValueError("policy_ground or legal_grounds: at least one of the two")
        if self.approval.reviewer in {review.reviewer for review in (self.review_1, self.review_2, self.adjudication) if review}:
            raise ValueError("approval: by another person than the readers")
        return self

    def to_bytes(self) -> bytes:
        """Canonical JSON: what is signed, attached to the PDF and compared."""
        return canonical_json(self.model_dump(mode="json"))

    @classmethod
    def from_bytes(cls, data: bytes) -> Notice:
        """Read it back. Raises ValueError for anything that is not `dossier/1`."""
        return cls.model_validate_json(data)
