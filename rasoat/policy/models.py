"""The typed forms of the policy files: harms, outcomes, measures, legal grounds, platform sections, DSA values, capacities.

Owns shapes and the checks inside one entry. Checks between entries and files are in `loader`; the charter is in `denylist`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rasoat.cases.decisions import ContextBox, Measure
from rasoat.harms import Harm, Outcome, Severity
from rasoat.items import Platform
from rasoat.missing import Maybe, Missing

Line = Annotated[str, Field(min_length=1, max_length=1500)]
Url = Annotated[str, Field(pattern=r"^https://[^\s/]+\.[^\s]+$", max_length=500)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Bilingual(_Frozen):
    """A text in Vietnamese and English."""

    vi: Line
    en: Line

    def of(self, locale: str) -> str:
        """The text in `locale`; Vietnamese for any other than `en`."""
        return self.en if locale == "en" else self.vi


class BilingualList(_Frozen):
    """The same points in Vietnamese and English, in the same order."""

    vi: tuple[Line, ...] = Field(min_length=1)
    en: tuple[Line, ...] = Field(min_length=1)

    def of(self, locale: str) -> tuple[str, ...]:
        """The points in `locale`; Vietnamese for any other than `en`."""
        return self.en if locale == "en" else self.vi

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        if len(self.vi) != len(self.en):
            raise ValueError(f"{len(self.vi)} points in Vietnamese, {len(self.en)} in English: write the same ones in both")
        return self


class SourceState(StrEnum):
    """How a fact came to us: primary text read, secondary copy read, or memory only (then it is unconfirmed)."""

    PRIMARY = "P"
    SECONDARY = "S"
    MEMORY = "M"


class Unit(StrEnum):
    """Units of a term: minutes, hours, days, working days."""

    MINUTES = "min"
    HOURS = "h"
    DAYS = "d"
    WORKING_DAYS = "wd"


_TERM: Final = re.compile(r"(\d{1,3}) (min|h|d|wd)")
_UNIT_WORDS: Final[dict[str, dict[Unit, str]]] = {
    "vi": {Unit.MINUTES: "phút", Unit.HOURS: "giờ", Unit.DAYS: "ngày", Unit.WORKING_DAYS: "ngày làm việc"},
    "en": {Unit.MINUTES: "min", Unit.HOURS: "h", Unit.DAYS: "days", Unit.WORKING_DAYS: "working days"},
}


class Term(_Frozen):
    """A length of time as people write it: `15 min`, `8 h`, `14 d`, `3 wd`."""

    amount: int = Field(gt=0)
    unit: Unit

    @property
    def at_least(self) -> timedelta:
        """The term on the clock; a working day counts as one day, so the true end may come later, never earlier."""
        per = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}.get(self.unit, timedelta(days=1))
        return self.amount * per

    def of(self, locale: str) -> str:
        """The term in words."""
        words = _UNIT_WORDS["en" if locale == "en" else "vi"]
        return f"{self.amount} {words[self.unit]}"


def _read_term(value: object) -> object:
    if isinstance(value, str):
        if (match := _TERM.fullmatch(value.strip())) is None:
            raise ValueError(f"'{value}' is not a term: write for example `15 min`, `8 h`, `14 d` or `3 wd`")
        return {"amount": int(match[1]), "unit": match[2]}
    return value


WrittenTerm = Annotated[Term, BeforeValidator(_read_term)]


class Sla(_Frozen):
    """Time targets of a priority. Missing one never skips a step. No `review` or `dossier` means that there is none (escalate)."""

    priority: Literal["P0", "P1", "P2", "P3", "P4"]
    triage: WrittenTerm
    review: WrittenTerm | None = None
    dossier: WrittenTerm | None = None


class Urgent(_Frozen):
    """The graver form of a harm: when it is one, its severity and its targets."""

    when: Bilingual
    severity: Severity
    sla: Sla
    rules: tuple[str, ...] = ()  # codes of reasons that show it, so that the queue puts it first before anybody has read it


class HarmPolicy(_Frozen):
    """All that the policy says of one of the 14 harms (docs/harms.md). `queue_threshold` is a calibrated probability."""

    code: Harm
    name: Bilingual
    definition: Bilingual
    include: BilingualList
    exclude: BilingualList
    rights_note: Bilingual
    severity: Severity
    urgent: Urgent | None = None
    default_measure: Measure
    dsa_category: str
    dsa_keywords: tuple[str, ...] = Field(min_length=1)
    sla: Sla
    queue_threshold: float = Field(gt=0, lt=1)

    def severity_shown(self, reason_codes: Collection[str]) -> Severity:
        """The severity that the machine's reasons speak for. It orders the queue and decides nothing."""
        if self.urgent is not None and any(code in self.urgent.rules for code in reason_codes):
            return self.urgent.severity
        return self.severity


class OutcomePolicy(_Frozen):
    """One of the four outcomes that are no harm: when to choose it and what then becomes of the text."""

    code: Outcome
    name: Bilingual
    when: Bilingual
    effect: Bilingual


class ContextBoxPolicy(_Frozen):
    """One box of the context checklist."""

    id: ContextBox
    label: Bilingual
    help: Bilingual


class MeasurePolicy(_Frozen):
    """One measure. The file lists them from the least to the most restrictive."""

    id: Measure
    name: Bilingual
    help: Bilingual


class Area(StrEnum):
    """The closed list of fields of law that a ground may come from."""

    ADVERTISING = "advertising"
    CONSUMER_PROTECTION = "consumer_protection"
    ANTI_SPAM = "anti_spam"
    PERSONAL_DATA = "personal_data"
    CHILD_PROTECTION = "child_protection"
    INTELLECTUAL_PROPERTY = "intellectual_property"
    FRAUD = "fraud"
    GAMBLING = "gambling"
    HEALTH_PRODUCT_ADVERTISING = "health_product_advertising"


class LegalGround(_Frozen):
    """A legal ground on the allow-list. `article` and `url` are Missing where nobody has confirmed them."""

    id: str = Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]+)+[a-z]?$", max_length=40)
    area: Area
    instrument: Bilingual
    article: Maybe[Line] = Missing
    title: Bilingual
    codes: tuple[Harm, ...] = Field(min_length=1)
    territory: str = Field(pattern=r"^[A-Z]{2}$")
    url: Maybe[Url] = Missing
    as_of: date
    source_state: SourceState
    lawyer_confirmed: bool = False
    note: Bilingual | None = None


class PlatformSection(_Frozen):
    """A section of a platform's own rules. Sections are renamed often: `as_of` says when the name was read."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$", max_length=60)
    destination: str = ""
    platform: Platform = Platform.WEB
    name: Line
    codes: tuple[Harm, ...] = Field(min_length=1)
    url: Maybe[Url] = Missing
    as_of: date
    source_state: SourceState
    note: Bilingual | None = None


class Destination(_Frozen):
    """Whom a dossier goes to. `form_checked_on` is Missing until somebody has looked at the live form."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    platform: Platform
    name: Bilingual
    form_checked_on: Maybe[date] = Missing
    note: Bilingual | None = None
    sections: tuple[PlatformSection, ...] = Field(min_length=1)


class DsaCategory(_Frozen):
    """A category of the DSA Transparency Database that we use, with the keywords of it that we use."""

    id: str = Field(pattern=r"^STATEMENT_CATEGORY_[A-Z_]+$")
    keywords: tuple[str, ...] = Field(min_length=1)


class Capacity(_Frozen):
    """In which capacity somebody asks. `label` is printed on every export."""

    id: str = Field(pattern=r"^[A-Z_]+$")
    name: Bilingual
    label: Bilingual
    rules: BilingualList
    public_authority: bool = False
    in_product_flags: bool = True
    needs_proof: bool = False
    codes: tuple[Harm, ...] = ()  # empty: all


class HarmsFile(_Frozen):
    """`harms.yml`."""

    taxonomy: Literal["vmt/1"]
    harms: tuple[HarmPolicy, ...]


class OutcomesFile(_Frozen):
    """`outcomes.yml`."""

    outcomes: tuple[OutcomePolicy, ...]


class ContextFile(_Frozen):
    """`context.yml`."""

    boxes: tuple[ContextBoxPolicy, ...]


class MeasuresFile(_Frozen):
    """`measures.yml`."""

    measures: tuple[MeasurePolicy, ...]


class GroundsFile(_Frozen):
    """`legal_grounds.yml`."""

    grounds: tuple[LegalGround, ...]


class PlatformsFile(_Frozen):
    """`platforms.yml`."""

    destinations: tuple[Destination, ...]


class DsaFile(_Frozen):
    """`dsa.yml`."""

    source: Line
    categories: tuple[DsaCategory, ...]


class CapacitiesFile(_Frozen):
    """`capacities.yml`."""

    capacities: tuple[Capacity, ...]
