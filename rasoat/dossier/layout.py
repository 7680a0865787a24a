"""From the notice core to what stands on its pages: labels from the catalogues, Vietnamese first, values as they are.

Owns order and labels of notice.pdf and letter.pdf. Knows nothing of typography; adds no fact that the notice does not hold.
"""

from __future__ import annotations

from typing import Final

from rasoat.cases.decisions import ContextBox
from rasoat.dossier.drafting import Words
from rasoat.dossier.labels import Labels, Page, day, moment, plain_day, points, quote, rows, text, title
from rasoat.dossier.letter import Letter
from rasoat.dossier.notice import CaptureRef, LegalGroundRef, Notice, NoticeItem, PolicyGround, Review, TwoLanguages
from rasoat.policy import Policy
from rasoat.text.addresses import defang

_DECISIVE: Final = 240
_COVER_URL: Final = 150


def notice_page(notice: Notice, words: Words, policy: Policy, key_id: str) -> Page:
    """All that notice.typ shows."""
    lab = Labels(words, policy)
    return {
        "title": lab.vi("title"),
        "title_en": lab.en("title"),
        "running": lab.vi("running", id=notice.dossier_id, org=notice.notifier.org),
        "footer": lab.vi("footer"),
        "page_word": lab.vi("page"),
        "attachment": lab.en("attachment"),
        "org": notice.notifier.org,
        "email": notice.notifier.email,
        "id_word": lab.vi("id_word"),
        "id": notice.dossier_id,
        "built": lab.vi("built", at=moment(notice.built_at), version=notice.version),
        "not_an_order": lab.vi("not_an_order"),
        "not_an_order_en": lab.en("not_an_order"),
        "capacity": notice.requester_capacity.label.vi,
        "capacity_en": notice.requester_capacity.label.en,
        "decisive": _decisive(notice, lab),
        "cover": _cover(notice, lab),
        "sections": [
            lab.section("items", *(block for n, item in enumerate(notice.items, 1) for block in _item(n, item, lab))),
            lab.section("rule", *_rules(notice, lab)),
            lab.section("why", *_why(notice, lab)),
            lab.section("measure", _measure(notice, lab)),
            lab.section("who", *_who(notice, lab)),
            lab.section("people", *_people(notice, lab)),
            lab.section("publisher", _publisher(notice, lab)),
            lab.section("redress", *_redress(notice, lab)),
            lab.section("evidence", *_evidence(notice, lab, key_id)),
        ],
    }


def _decisive(notice: Notice, lab: Labels) -> list[Page]:
    """The three lines that a diligent host reads first (NOTICES §1, Art. 16(3)): what, where, against which rule."""
    first = notice.items[0]
    quoted = f" “{_short(first.quote_original)}”" if first.quote_original else ""
    law = notice.legal_grounds[0] if notice.legal_grounds else None
    rule = _section_in_words(notice.policy_ground) if notice.policy_ground else (_law_in_words(law, lab) if law else "")
    return [
        {"label": lab.vi("decisive_what"), "text": f"{notice.harm_name.vi} ({notice.harm_code.value}).{quoted}"},
        {"label": lab.vi("decisive_where"), "text": _cut(defang(first.url))},
        {"label": lab.vi("decisive_rule"), "text": rule},
    ]


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _DECISIVE else line[:_DECISIVE].rsplit(" ", 1)[0] + " …"


def _cut(url: str) -> str:
    return url if len(url) <= _COVER_URL else url[:_COVER_URL] + "…"


def _cover(notice: Notice, lab: Labels) -> list[Page]:
    redress = notice.redress_info
    secondary = ", ".join(f"{lab.policy.harm(code).name.vi} ({code.value})" for code in notice.secondary_codes)
    return [
        lab.row("harm", f"{notice.harm_name.vi} / {notice.harm_name.en} ({notice.harm_code.value})"),
        lab.row("secondary", secondary, absent="none"),
        lab.row("measure", notice.least_restrictive_measure.name.vi + " / " + notice.least_restrictive_measure.name.en),
        lab.row("territory", ", ".join(map(lab.territory, notice.territory))),
        lab.row("items", str(len(notice.items))),
        lab.row("redress_until", lab.vi("redress_short", day=plain_day(redress.not_before), address=redress.address)),
    ]


def _item(number: int, item: NoticeItem, lab: Labels) -> list[Page]:
    words = quote(item.quote_original) if item.quote_original else text(lab.vi(f"omitted_{item.quote_omitted}"))
    span = f"{item.locator.quote_start}–{item.locator.quote_end}" if item.locator.quote_end else None
    return [
        title(lab.vi("item_number", n=number, kind=lab.vi(f"kind_{item.kind.value}"))),
        words,
        rows(
            lab.row("url", defang(item.url), "mono"),
            lab.row("locator", _no_link(item.locator.id), "mono"),
            lab.row("quote_at", span),
            lab.row("title", item.title),
            lab.row("platform", lab.vi(f"platform_{item.platform.value}")),
            lab.row("language", lab.vi(f"language_{item.content_type}")),
            lab.row("published", moment(item.published_at_claimed) if item.published_at_claimed else None),
            lab.row("translation", item.quote_translation, absent="none"),
        ),
    ]


def _no_link(locator: str) -> str:
    return defang(locator) if "://" in locator else locator


def _section_in_words(ground: PolicyGround) -> str:
    return f"{ground.destination.vi if ground.destination else ground.platform.value}: “{ground.name}”"


def _law_in_words(ground: LegalGroundRef, lab: Labels) -> str:
    return f"{ground.instrument.vi}, {ground.article or lab.vi('article_unconfirmed')}: {ground.title.vi}"


def _rules(notice: Notice, lab: Labels) -> list[Page]:
    blocks = [text(lab.vi("rule_order"))]
    if notice.policy_ground:
        ground = notice.policy_ground
        blocks.append(
            rows(
                lab.row("policy_section", _section_in_words(ground)),
                lab.row("link", ground.url and defang(ground.url), "mono", absent="letter_rule_no_link"),
                lab.row("as_of", f"{plain_day(ground.as_of)} · {lab.vi(f'source_{ground.source_state}')}"),
            )
        )
    blocks.extend(_law(law, lab) for law in notice.legal_grounds)
    return blocks


def _law(law: LegalGroundRef, lab: Labels) -> Page:
    confirmed = lab.vi("lawyer_yes" if law.lawyer_confirmed else "lawyer_no")
    return rows(
        lab.row("law", f"{law.instrument.vi} ({law.id})"),
        lab.row("article", law.article, absent="article_unconfirmed"),
        lab.row("law_title", law.title.vi),
        lab.row("link", law.url and defang(law.url), "mono", absent="letter_rule_no_link"),
        lab.row("as_of", f"{plain_day(law.as_of)} · {lab.vi(f'source_{law.source_state}')} · {confirmed}"),
    )


def _why(notice: Notice, lab: Labels) -> list[Page]:
    context, risk = notice.context_considered, notice.expression_risk
    boxes = [box.label.vi for box in lab.policy.context_boxes if box.id in context.boxes]
    ticked = lab.vi("context_none") if ContextBox.NO_BOX in context.boxes else ", ".join(boxes)
    return [
        *(text(paragraph) for paragraph in notice.explanation.split("\n") if paragraph.strip()),
        rows(
            lab.row("innocent", context.innocent_reading),
            lab.row("context", ticked),
            lab.row("context_note", context.note, absent="none"),
            lab.row("risk", lab.vi(f"risk_{risk.level.value}")),
            lab.row("risk_note", risk.note, absent="none"),
            lab.row("risk_signed", risk.signed_off_by, absent="not_needed"),
        ),
    ]


def _measure(notice: Notice, lab: Labels) -> Page:
    measure = notice.least_restrictive_measure
    return rows(
        lab.row("measure", f"{measure.name.vi} / {measure.name.en}"),
        lab.row("measure_why", measure.why.vi),
        lab.row("territory", ", ".join(map(lab.territory, notice.territory))),
    )


def _who(notice: Notice, lab: Labels) -> list[Page]:
    capacity, faith = notice.requester_capacity, notice.bona_fide_statement
    return [
        rows(
            lab.row("org", notice.notifier.org),
            lab.row("email", notice.notifier.email),
            lab.row("capacity", f"{capacity.label.vi} / {capacity.label.en}"),
            lab.row("complainant", None, absent="complainant_never"),
        ),
        quote(faith.text.vi),
        rows(lab.row("signer", faith.signer), lab.row("signed_at", moment(faith.at))),
    ]


def _people(notice: Notice, lab: Labels) -> list[Page]:
    reviews = (
        ("review_1", notice.review_1),
        ("review_2", notice.review_2),
        ("adjudication", notice.adjudication),
        ("approval", notice.approval),
    )
    versions = [lab.vi("versions", model=v.model, rules=v.rules, lexicon=v.lexicon, policy=v.policy) for v in notice.automation.versions]
    return [
        text(lab.vi("people_intro")),
        rows(*(lab.row(name, _review(review, lab) if review else None, absent="not_needed") for name, review in reviews)),
        rows(
            lab.row("detection", lab.vi("detection_yes" if notice.automation.detection else "detection_no")),
            lab.row("versions", "; ".join(versions)),
            lab.row("decided", lab.vi("decision_human")),
        ),
    ]


def _review(review: Review, lab: Labels) -> str:
    verdict = lab.vi("verdict_approved") if review.decision == "approved" else review.decision
    return f"{review.reviewer} · {moment(review.at)} · {verdict}\n{review.reason}"


def _publisher(notice: Notice, lab: Labels) -> Page:
    told = notice.publisher_notice
    lines = [lab.row("told", lab.vi(f"notice_{told.choice.value}")), lab.row("told_at", moment(told.at))]
    if told.channel:
        lines.append(lab.row("channel", told.channel))
    if told.deferral:
        until = f" ({lab.vi('until', day=day(told.deferred_until))})" if told.deferred_until else ""
        lines.append(lab.row("deferral", lab.vi(f"deferral_{told.deferral.value}") + until))
    if told.no_contact:
        lines.append(lab.row("no_contact", lab.vi(f"no_contact_{told.no_contact.value}")))
    return rows(*lines, lab.row("told_reason", told.reason, absent="none"))


def _redress(notice: Notice, lab: Labels) -> list[Page]:
    redress = notice.redress_info
    return [
        text(lab.vi("redress_text", address=redress.address, months=redress.months, day=plain_day(redress.not_before))),
        text(redress.decided_by.vi),
        points([_both(option) for option in redress.external]),
    ]


def _both(words: TwoLanguages) -> str:
    return f"{words.vi} / {words.en}"


def _evidence(notice: Notice, lab: Labels, key_id: str) -> list[Page]:
    blocks = [text(lab.vi("evidence_intro"))]
    for number, item in enumerate(notice.items, 1):
        for capture in item.captures:
            blocks += [title(lab.vi("capture_title", n=number, at=moment(capture.captured_at))), _capture(capture, lab)]
    return [
        *blocks,
        title(lab.vi("proof_title")),
        points([lab.vi(f"proof_{name}") for name in ("hash", "signature", "custody", "limit")]),
        rows(lab.row("key_id", key_id, "mono"), lab.row("software", notice.software)),
        text(lab.vi("check_hint")),
    ]


def _capture(capture: CaptureRef, lab: Labels) -> Page:
    status = f" · HTTP {capture.http_status}" if capture.http_status is not None else ""
    return rows(
        lab.row("capture_id", capture.id, "mono"),
        lab.row("capture_file", capture.file, "mono", absent=f"withheld_{capture.withheld}" if capture.withheld else "absent"),
        lab.row("capture_sha256", capture.sha256, "mono"),
        lab.row("payload_sha256", capture.payload_sha256, "mono"),
        lab.row("method", lab.vi(f"method_{capture.method.value}") + status),
        lab.row("final_url", capture.final_url and defang(capture.final_url), "mono"),
        lab.row("tool", capture.tool),
    )


def letter_page(letter: Letter, words: Words) -> Page:
    """All that letter.typ shows."""
    return {
        "sender": letter.sender,
        "contact": letter.contact,
        "capacity": letter.capacity,
        "addressee": letter.addressee,
        "subject": letter.subject,
        "not_an_order": letter.not_an_order,
        "day": letter.day,
        "reference": letter.reference,
        "greeting": letter.greeting,
        "closing": letter.closing,
        "running": f"{letter.sender} · {letter.reference}",
        "footer": letter.not_an_order.split(".")[0] + ".",
        "page_word": words.vi.t("dossier.page"),
        "parts": [{"heading": p.heading, "paragraphs": list(p.paragraphs), "quotes": list(p.quotes)} for p in letter.parts],
    }
