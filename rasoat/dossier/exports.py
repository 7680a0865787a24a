"""Forms of single destinations, cut from the notice core: DSA Art. 16, XARF v4 for hosts, Lumen for the public record.

Each refuses what NOTICES forbids for it. Files only: nothing is sent, and Lumen's is made after a person has sent the notice.
"""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from rasoat.canonical import canonical_json
from rasoat.dossier.notice import Notice
from rasoat.errors import DossierRefused
from rasoat.harms import NO_DOSSIER, Harm
from rasoat.policy import Policy

NOT_FOR_LUMEN: Final = NO_DOSSIER | {Harm.SHM, Harm.PII, Harm.HAR, Harm.SEX}
"""Publication would repeat the harm (NOTICES §8)."""
_XARF_TYPES: Final[dict[str, Literal["phishing", "fraud"]]] = {"hosting-phishing": "phishing", "hosting-fraud": "fraud"}


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(self.model_dump(mode="json", exclude_none=True))


class DsaLocation(_Form):
    """Art. 16(2)(b)."""

    url: str
    additional_information: str


class DsaNotice(_Form):
    """Art. 16(2) (a) to (d), with the words of the Transparency Database, so that a statement of reasons can be matched later."""

    reference: str
    explanation: str = Field(max_length=5000)
    legal_grounds: tuple[str, ...]
    terms_ground: str | None
    locations: tuple[DsaLocation, ...] = Field(min_length=1)
    notifier_name: str
    notifier_email: str
    requester_capacity: str
    bona_fide_statement: str
    bona_fide_signed_at: str
    category: str
    category_specification: tuple[str, ...]
    content_language: Literal["VI"] = "VI"
    territory: tuple[str, ...]
    measure_asked: str
    automated_detection: Literal["Yes", "No"]


def dsa_notice(notice: Notice, policy: Policy) -> DsaNotice:
    """The notice under DSA Art. 16. The policy cannot hold a category that the charter forbids, so none can come out."""
    harm = policy.harm(notice.harm_code)
    section = notice.policy_ground
    return DsaNotice(
        reference=notice.dossier_id,
        explanation=notice.explanation,
        legal_grounds=tuple(f"{g.id}: {g.instrument.en}{f', {g.article}' if g.article else ''}" for g in notice.legal_grounds),
        terms_ground=section.name if section else None,
        locations=tuple(DsaLocation(url=item.url, additional_information=_where(item.locator.id, item.url)) for item in notice.items),
        notifier_name=notice.notifier.org,
        notifier_email=notice.notifier.email,
        requester_capacity=notice.requester_capacity.label.en,
        bona_fide_statement=notice.bona_fide_statement.text.en,
        bona_fide_signed_at=notice.bona_fide_statement.at,
        category=harm.dsa_category,
        category_specification=harm.dsa_keywords,
        territory=notice.territory,
        measure_asked=notice.least_restrictive_measure.measure.value,
        automated_detection="Yes" if notice.automation.detection else "No",
    )


def _where(locator: str, url: str) -> str:
    return "" if locator == url else locator


class XarfParty(_Form):
    """Reporter and sender of a report."""

    org: str = Field(max_length=200)
    contact: str
    domain: str


class XarfReport(_Form):
    """XARF v4, `content/phishing` and `content/fraud`: what a host's abuse desk reads by machine. No personal data, no capture."""

    xarf_version: Literal["4.0.0"] = "4.0.0"
    report_id: str
    timestamp: str
    reporter: XarfParty
    sender: XarfParty
    source_identifier: str
    category: Literal["content"] = "content"
    type: Literal["phishing", "fraud"]
    fraud_type: Literal["other"] | None
    url: str
    domain: str
    evidence_source: str
    description: str = Field(max_length=1000)


def xarf_report(notice: Notice) -> XarfReport:
    """The report for the host of the first item.

    Raises:
        DossierRefused: the case does not rest on a host's rule that XARF has a form for.
    """
    kind = _XARF_TYPES.get(notice.policy_ground.id) if notice.policy_ground else None
    if kind is None or notice.harm_code in NO_DOSSIER:
        raise DossierRefused(["XARF: the case does not rest on a host's rule about phishing or fraud"])
    item = notice.items[0]
    party = XarfParty(org=notice.notifier.org[:200], contact=notice.notifier.email, domain=notice.notifier.email.rpartition("@")[2])
    host = urlsplit(item.url).hostname or ""
    return XarfReport(
        report_id=notice.dossier_id,
        timestamp=item.captures[0].captured_at,
        reporter=party,
        sender=party,
        source_identifier=host,
        type=kind,
        fraud_type="other" if kind == "fraud" else None,
        url=item.url,
        domain=host,
        evidence_source="crawler" if notice.automation.detection else "user_report",
        description=f"{notice.requester_capacity.label.en} {notice.explanation}"[:1000],
    )


class LumenUrl(_Form):
    """One address."""

    url: str


class LumenWork(_Form):
    """What the notice is about."""

    description: str
    kind: str
    infringing_urls_attributes: tuple[LumenUrl, ...]


class LumenEntity(_Form):
    """An organisation in a role. Individuals never appear."""

    name: Literal["sender", "recipient"]
    entity_name: str
    entity_kind: Literal["organization"] = "organization"


class LumenNotice(_Form):
    """A notice as Lumen takes it, to be uploaded by hand."""

    type: Literal["GovernmentRequest", "LocalLaw", "Other"]
    title: str = Field(max_length=255)
    body: str
    date_sent: str
    source: Literal["Online form"] = "Online form"
    language: Literal["vi"] = "vi"
    jurisdiction_list: tuple[str, ...]
    regulation_list: tuple[str, ...]
    request_type: Literal["Agency"] | None
    works_attributes: tuple[LumenWork, ...]
    entity_notice_roles_attributes: tuple[LumenEntity, ...]


def lumen_notice(notice: Notice, sent_on: date) -> LumenNotice:
    """The public copy of a notice that was sent. A public authority's is a government request and is called so.

    Raises:
        DossierRefused: publishing it would do the harm again.
    """
    if {notice.harm_code, *notice.secondary_codes} & NOT_FOR_LUMEN:
        raise DossierRefused([f"Lumen: a notice about {notice.harm_code.value} is not published, since that would repeat the harm"])
    authority = notice.requester_capacity.public_authority
    recipient = notice.policy_ground.destination if notice.policy_ground else None
    entities = [LumenEntity(name="sender", entity_name=notice.notifier.org)]
    if recipient is not None:
        entities.append(LumenEntity(name="recipient", entity_name=recipient.en))
    return LumenNotice(
        type="GovernmentRequest" if authority else ("LocalLaw" if notice.legal_grounds else "Other"),
        title=f"{notice.harm_name.en} ({notice.dossier_id})"[:255],
        body=notice.explanation,
        date_sent=sent_on.isoformat(),
        jurisdiction_list=notice.territory,
        regulation_list=tuple(ground.instrument.en for ground in notice.legal_grounds),
        request_type="Agency" if authority else None,
        works_attributes=(
            LumenWork(
                description=notice.harm_name.en,
                kind=notice.items[0].content_type.removeprefix("CONTENT_TYPE_").lower(),
                infringing_urls_attributes=tuple(LumenUrl(url=item.url) for item in notice.items),
            ),
        ),
        entity_notice_roles_attributes=tuple(entities),
    )


def export_files(notice: Notice, policy: Policy) -> dict[str, bytes]:
    """The forms that may lie in a pack before anything is sent."""
    files = {"exports/dsa-article-16.json": dsa_notice(notice, policy).to_bytes()}
    with contextlib.suppress(DossierRefused):  # most destinations are no hosts
        files["exports/xarf.json"] = xarf_report(notice).to_bytes()
    return files
