"""The letter to the publisher (NOTICES §14): our own statement of reasons, in plain Vietnamese, with the right to object.

Owns the letter's words as data. It can be written as soon as a case is approved: the publisher is told before anything is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rasoat.cases.decisions import Measure
from rasoat.cases.workflow import FIX_DAYS
from rasoat.dossier import drafting, grounds
from rasoat.dossier.drafting import Words
from rasoat.dossier.glyphs import printable
from rasoat.dossier.notice import NoticeItem
from rasoat.dossier.request import Request, asked_items
from rasoat.harms import FIX_FIRST
from rasoat.items import PublisherKind
from rasoat.missing import MissingType
from rasoat.text.addresses import defang

RETENTION_DAYS: Final = drafting.REDRESS_DAYS + 30
"""WORKFLOW §7: six months and 30 days after the publisher was told."""
EXCERPT: Final = 300


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its paragraphs; `quotes` stand in a box of their own."""

    heading: str
    paragraphs: tuple[str, ...]
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as plain words. Everything in it is already printable: no control and no invisible character."""

    sender: str
    contact: str
    capacity: str
    addressee: str
    subject: str
    not_an_order: str
    day: str
    reference: str
    greeting: str
    parts: tuple[Part, ...]
    closing: str

    def text(self) -> str:
        """As a text file: the same words as the PDF."""
        head = [self.sender, self.capacity, self.contact, "", self.day, self.reference, "", self.addressee, "", self.subject.upper(), ""]
        lines = [*head, self.not_an_order, "", self.greeting]
        for number, part in enumerate(self.parts, 1):
            lines += ["", f"{number}. {part.heading}"]
            lines += [f"    | {line}" for quote in part.quotes for line in quote.split("\n")]
            lines += part.paragraphs
        return "\n".join([*lines, "", self.closing, self.sender, ""])


def compose_letter(request: Request, words: Words) -> Letter:
    """The letter of a case that rests on a harm; `request.built_at` is the day of the letter.

    Raises:
        ConfigError: an unknown ground, section or capacity.
    """
    t = words.vi.t
    items = drafting.notice_items(request)
    settings = request.settings
    assert request.harm is not None
    parts = (
        Part(t("dossier.letter_items"), _items(items, words), tuple(i.quote_original[:EXCERPT] for i in items[:1] if i.quote_original)),
        Part(t("dossier.letter_ask"), _ask(request, words)),
        Part(t("dossier.letter_facts"), _facts(request, words)),
        Part(t("dossier.letter_rule"), _rule(request, words)),
        Part(t("dossier.letter_fix"), _fix(request, words)),
        Part(t("dossier.letter_object"), _object(request, words)),
        Part(t("dossier.letter_data"), _data(request, words)),
    )
    letter = Letter(
        sender=settings.requester_org,
        contact=settings.requester_email,
        capacity=drafting.requester_capacity(request).label.vi,
        addressee=t("dossier.letter_to", publisher=_publisher(request, words)),
        subject=t("dossier.letter_subject", harm=request.policy.harm(request.harm).name.vi),
        not_an_order=t("dossier.letter_not_an_order"),
        day=t("dossier.letter_day", day=_day(request.built_at.date())),
        reference=t("dossier.letter_reference", id=request.dossier_id),
        greeting=t("dossier.letter_greeting"),
        parts=parts,
        closing=t("dossier.letter_closing"),
    )
    return _printable(letter)


def _printable(letter: Letter) -> Letter:
    plain = {name: printable(getattr(letter, name)).replace("\n", " ") for name in Letter.__slots__ if name != "parts"}
    parts = tuple(Part(p.heading, tuple(map(printable, p.paragraphs)), tuple(map(printable, p.quotes))) for p in letter.parts)
    return Letter(parts=parts, **plain)


def _day(day: date) -> str:
    return f"{day.day} tháng {day.month} năm {day.year}"


def _publisher(request: Request, words: Words) -> str:
    for item in asked_items(request)[:1]:
        if not isinstance(item.publisher, MissingType) and item.publisher.kind is not PublisherKind.PERSON:
            return item.publisher.name
    return words.vi.t("dossier.letter_to_unknown")


def _items(items: tuple[NoticeItem, ...], words: Words) -> tuple[str, ...]:
    addresses = tuple(f"{n}) {defang(item.url)}" for n, item in enumerate(items, 1))
    omitted = tuple(words.vi.t(f"dossier.omitted_{item.quote_omitted}") for item in items[:1] if item.quote_omitted)
    return (words.vi.t("dossier.letter_items_intro"), *addresses, *omitted)


def _ask(request: Request, words: Words) -> tuple[str, ...]:
    ruling = request.ruling
    assert ruling is not None
    if ruling.measure is Measure.LETTER or ruling.measure is None:
        return (words.vi.t("dossier.letter_ask_only_you"),)
    section = grounds.policy_ground(request)
    whom = section.destination.vi if section and section.destination else words.vi.t("dossier.letter_whom_unknown")
    measure = next(m for m in request.policy.measures if m.id is ruling.measure)
    asked = words.vi.t("dossier.letter_ask_text", whom=whom, measure=measure.name.vi.lower(), help=measure.help.vi)
    when = words.vi.t("dossier.letter_ask_when", day=_day(request.built_at.date()), territory=", ".join(grounds.territory(request)))
    return asked, when


def _facts(request: Request, words: Words) -> tuple[str, ...]:
    ruling = request.ruling
    assert ruling is not None
    found = "letter_found_software" if drafting.automation(request).detection else "letter_found_person"
    innocent = (words.vi.t("dossier.letter_innocent", reading=request.hide(ruling.innocent_reading)),) if ruling.innocent_reading else ()
    return (request.hide(ruling.reason), *innocent, words.vi.t(f"dossier.{found}"))


def _rule(request: Request, words: Words) -> tuple[str, ...]:
    section, t = grounds.policy_ground(request), words.vi.t
    lines = []
    if section is not None:
        place = section.destination.vi if section.destination else section.platform.value
        lines.append(t("dossier.letter_rule_section", place=place, name=section.name, day=_day(date.fromisoformat(section.as_of))))
        lines.append(section.url or t("dossier.letter_rule_no_link"))
    for ground in grounds.legal_grounds(request):
        article = ground.article or t("dossier.article_unconfirmed")
        lines.append(t("dossier.letter_rule_law", instrument=ground.instrument.vi, article=article, title=ground.title.vi))
        lines.append(ground.url or t("dossier.letter_rule_no_link"))
    return tuple(lines)


def _fix(request: Request, words: Words) -> tuple[str, ...]:
    harm = request.harm
    assert harm is not None
    key = f"dossier.letter_fix_{harm.value}"
    how = words.vi.t(key if words.vi.has(key) else "dossier.letter_fix_other")
    until = request.built_at.date() + timedelta(days=FIX_DAYS)
    stops = words.vi.t("dossier.letter_fix_stops_first", day=_day(until)) if harm in FIX_FIRST else words.vi.t("dossier.letter_fix_stops")
    return how, stops


def _object(request: Request, words: Words) -> tuple[str, ...]:
    redress = drafting.redress(request, words)
    until = _day(date.fromisoformat(redress.not_before))
    how = words.vi.t("dossier.letter_object_how", address=redress.address, id=request.dossier_id, months=redress.months, day=until)
    other = words.vi.t("dossier.letter_object_other")
    return (how, words.vi.t("dossier.letter_object_who"), other, *(f"– {option.vi}" for option in redress.external))


def _data(request: Request, words: Words) -> tuple[str, ...]:
    until = _day(request.built_at.date() + timedelta(days=RETENTION_DAYS))
    return (words.vi.t("dossier.letter_data_text", day=until, address=request.settings.requester_email),)
