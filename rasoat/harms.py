"""The closed list: 14 harms, and four outcomes that are no harm.

Adding a member is a change of the charter (docs/charter.md) and breaks tests/rasoat/test_charter.py on purpose.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Harm(StrEnum):
    """The 14 harm codes of taxonomy `vmt/1`. A model may suggest one; only a person assigns one."""

    FRD = "FRD"  # fraud and scams: lừa đảo
    GAM = "GAM"  # illegal gambling promotion: quảng bá cờ bạc trái phép
    SPM = "SPM"  # spam: tin nhắn, bình luận rác
    CFM = "CFM"  # counterfeit and false medical advertising: hàng giả, quảng cáo y tế sai sự thật
    ADV = "ADV"  # undisclosed or prohibited advertising: quảng cáo trá hình hoặc bị cấm
    HAT = "HAT"  # hate speech against protected groups: thù ghét
    HAR = "HAR"  # harassment of, or threats to, private persons: quấy rối, đe dọa
    SEX = "SEX"  # sexual solicitation, non-consensual intimate content (adults): mồi chài tình dục
    CSE = "CSE"  # child-safety text signals: an toàn trẻ em; escalate, never a dossier
    PII = "PII"  # leaked personal data: lộ dữ liệu cá nhân
    SHM = "SHM"  # promotion of self-harm: cổ xúy tự hại
    CPR = "CPR"  # republication without permission or attribution: đăng lại không xin phép
    IMP = "IMP"  # impersonation of a newspaper, brand or person: mạo danh
    AGG = "AGG"  # commercial aggregator lacking owed transparency: letter to the operator only


class Outcome(StrEnum):
    """What a reader may conclude other than a harm. `OOS` is a hard stop: text is purged within 24 h."""

    NONE = "NONE"  # no rule met
    OOS = "OOS"  # out of scope: politics, religion, protest, journalism, history, officials as subjects
    CTX = "CTX"  # cannot tell without context; defaults to no action
    DUP = "DUP"  # decided already in another case


class Severity(IntEnum):
    """S1 immediate danger to life or child; S2 serious, ongoing; S3 significant; S4 minor or regulatory."""

    S1 = 1
    S2 = 2
    S3 = 3
    S4 = 4


BLIND_SECOND_READING = frozenset({Harm.HAT, Harm.HAR, Harm.SEX, Harm.AGG, Harm.IMP})
"""Codes that always get a blind second reading (docs/charter.md)."""

FIX_FIRST = frozenset({Harm.ADV, Harm.CPR, Harm.AGG})
"""Codes whose publisher gets 14 days to mend it before anything else."""

NO_DOSSIER = frozenset({Harm.CSE, Harm.AGG})
"""CSE is escalated at once; AGG yields a letter to the operator and never a takedown request (docs/harms.md)."""

TEXT_ONLY_HARMS = frozenset(Harm) - {Harm.CPR, Harm.AGG}
"""Harms that a text alone can show. CPR needs the other text beside it, AGG needs the site."""
