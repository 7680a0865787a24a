"""What somebody may ask of a case. One class a command; the web form, the JSON route and `rasoat tour` all send these."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rasoat.cases.decisions import Decision, DeferralReason, NoContactReason, NoticeChoice, PlatformAnswer, _Frozen


class Claim(_Frozen):
    """Take the case for reading; nobody else can until it is released or runs out."""

    kind: Literal["claim"] = "claim"


class Release(_Frozen):
    """Stop and hand over. Needs no reason and leaves no mark on the person."""

    kind: Literal["release"] = "release"


class Code(_Frozen):
    """First verdict."""

    kind: Literal["code"] = "code"
    decision: Decision


class SecondRead(_Frozen):
    """Second verdict, given without sight of the first."""

    kind: Literal["second_read"] = "second_read"
    decision: Decision


class Adjudicate(_Frozen):
    """Policy lead: decide between two readings, or send the case back to be read anew."""

    kind: Literal["adjudicate"] = "adjudicate"
    decision: Decision | None = None  # None: back to triage
    reason: str = Field(min_length=10, max_length=5000)


class Approve(_Frozen):
    """Sign that the request is accurate and complete (DSA Art. 16(2)(d)); never pre-ticked."""

    kind: Literal["approve"] = "approve"
    bona_fide: Literal[True]
    capture_verified: Literal[True]
    reason: str = Field(min_length=10, max_length=5000)


class Reject(_Frozen):
    """Approver: no request, or read it again."""

    kind: Literal["reject"] = "reject"
    again: bool = False
    reason: str = Field(min_length=10, max_length=5000)


class GiveNotice(_Frozen):
    """Write down how the publisher was told, or why not (yet)."""

    kind: Literal["give_notice"] = "give_notice"
    choice: NoticeChoice
    channel: str = Field(default="", max_length=500)  # "e-mail to the address in the imprint"
    deferral: DeferralReason | None = None
    deferred_until: datetime | None = None
    no_contact: NoContactReason | None = None
    reason: str = Field(min_length=10, max_length=2000)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.choice is NoticeChoice.SENT and not self.channel:
            raise ValueError("channel: say how the publisher was told")
        if self.choice is NoticeChoice.DEFERRED and (self.deferral is None or self.deferred_until is None):
            raise ValueError("deferral: name the reason and the day on which the publisher will be told")
        if self.choice is NoticeChoice.NOT_SENT and self.no_contact is None:
            raise ValueError("no_contact: name the reason for not telling the publisher")
        return self


class Fixed(_Frozen):
    """The publisher mended it."""

    kind: Literal["fixed"] = "fixed"
    reason: str = Field(min_length=10, max_length=2000)


class Seal(_Frozen):
    """The pack is built, re-opened and verified; nothing in it changes from here on."""

    kind: Literal["seal"] = "seal"
    dossier_id: str
    pack_sha256: str = Field(pattern="^[0-9a-f]{64}$")


class MarkSent(_Frozen):
    """A person sent the pack by hand, outside this program."""

    kind: Literal["mark_sent"] = "mark_sent"
    channel: str = Field(min_length=2, max_length=500)
    reference: str = Field(default="", max_length=500)


class RecordAnswer(_Frozen):
    """What came back."""

    kind: Literal["record_answer"] = "record_answer"
    answer: PlatformAnswer
    reason: str = Field(default="", max_length=5000)


class Complain(_Frozen):
    """Somebody affected objects."""

    kind: Literal["complain"] = "complain"
    grounds: str = Field(min_length=10, max_length=10000)


class ResolveComplaint(_Frozen):
    """The panel's finding: other people than all who decided before."""

    kind: Literal["resolve_complaint"] = "resolve_complaint"
    reversed: bool
    reason: str = Field(min_length=10, max_length=5000)


class Escalate(_Frozen):
    """Child safety: out at once, from any state before a dossier. One line of reason, nothing else is kept."""

    kind: Literal["escalate"] = "escalate"
    reason: str = Field(min_length=3, max_length=200)


class Close(_Frozen):
    """End a case that has run its course."""

    kind: Literal["close"] = "close"
    reason: str = Field(min_length=3, max_length=2000)


class Purge(_Frozen):
    """Retention: text and captures are gone."""

    kind: Literal["purge"] = "purge"
    rule: str


Command = Annotated[
    Claim
    | Release
    | Code
    | SecondRead
    | Adjudicate
    | Approve
    | Reject
    | GiveNotice
    | Fixed
    | Seal
    | MarkSent
    | RecordAnswer
    | Complain
    | ResolveComplaint
    | Escalate
    | Close
    | Purge,
    Field(discriminator="kind"),
]
