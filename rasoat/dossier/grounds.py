"""The rules that a request rests on: the platform's section first, the law second (NOTICES §0.4), and where they count.

Only what the policy's allow-list holds can come out of here.
"""

from __future__ import annotations

from typing import Final

from rasoat.dossier.notice import LegalGroundRef, PolicyGround, TwoLanguages
from rasoat.dossier.request import Request
from rasoat.missing import or_none
from rasoat.policy import Bilingual, LegalGround, PlatformSection

HOME_TERRITORY: Final = "VN"


def two(text: Bilingual) -> TwoLanguages:
    """The policy's words in both languages, as the notice holds them."""
    return TwoLanguages(vi=text.vi, en=text.en)


def policy_ground(request: Request) -> PolicyGround | None:
    """Field 13, or None when the request rests on law alone."""
    if request.ruling is None or request.ruling.policy_ground is None:
        return None
    section: PlatformSection = request.policy.section(request.ruling.policy_ground)
    destination = request.policy.destinations.get(section.destination)
    return PolicyGround(
        id=section.id,
        destination=two(destination.name) if destination else None,
        platform=section.platform,
        name=section.name,
        url=or_none(section.url),
        as_of=section.as_of.isoformat(),
        source_state=section.source_state.value,
    )


def legal_grounds(request: Request) -> tuple[LegalGroundRef, ...]:
    """Field 14: only what is on the allow-list can come out of here."""
    found: list[LegalGround] = [request.policy.ground(name) for name in (request.ruling.legal_grounds if request.ruling else ())]
    return tuple(
        LegalGroundRef(
            id=ground.id,
            instrument=two(ground.instrument),
            title=two(ground.title),
            article=or_none(ground.article),
            url=or_none(ground.url),
            territory=ground.territory,
            as_of=ground.as_of.isoformat(),
            source_state=ground.source_state.value,
            lawyer_confirmed=ground.lawyer_confirmed,
        )
        for ground in found
    )


def territory(request: Request) -> tuple[str, ...]:
    """Where it is said to be unlawful: the grounds' countries, and Việt Nam where only a platform rule is named."""
    return tuple(sorted({ground.territory for ground in legal_grounds(request)})) or (HOME_TERRITORY,)


def rule_in_words(request: Request) -> str:
    """The platform section first, the law second (NOTICES §0.4), in Vietnamese."""
    section = policy_ground(request)
    parts = [f"{section.destination.vi if section.destination else section.platform.value}: “{section.name}”"] if section else []
    parts += [f"{g.instrument.vi}{f', {g.article}' if g.article else ''} ({g.title.vi})" for g in legal_grounds(request)]
    return "; ".join(parts)
