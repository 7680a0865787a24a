"""The policy: 14 harms, legal grounds (allow-list and deny-list), platform sections, DSA values, capacities.

`Policy.load(data_dir)` reads `data/policy/*.yml`. Knows nothing of cases, scores or pages.
"""

from rasoat.policy.loader import Policy, check
from rasoat.policy.models import (
    Bilingual,
    Capacity,
    ContextBoxPolicy,
    Destination,
    HarmPolicy,
    LegalGround,
    MeasurePolicy,
    OutcomePolicy,
    PlatformSection,
    Sla,
    SourceState,
    Term,
)

__all__ = [
    "Bilingual",
    "Capacity",
    "ContextBoxPolicy",
    "Destination",
    "HarmPolicy",
    "LegalGround",
    "MeasurePolicy",
    "OutcomePolicy",
    "PlatformSection",
    "Policy",
    "Sla",
    "SourceState",
    "Term",
    "check",
]
