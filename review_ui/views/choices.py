"""What a reader chooses from when deciding. All of it from the policy, in the reader's language."""

from __future__ import annotations

from rasoat.cases.decisions import ExpressionRisk
from rasoat.harms import Harm
from rasoat.items import Platform
from rasoat.policy import Policy
from review_ui.views.base import Choice, View
from review_ui.views.reasons import ReasonLine


class DecisionChoices(View):
    """The options of the decision form. `codes` on an option says for which harms it stands."""

    harms: tuple[Choice, ...]
    outcomes: tuple[Choice, ...]
    quotes: tuple[Choice, ...]
    boxes: tuple[Choice, ...]
    measures: tuple[Choice, ...]
    sections: tuple[Choice, ...]
    grounds: tuple[Choice, ...]
    risks: tuple[str, ...]


def choices(policy: Policy, platform: Platform, item_id: str, reasons: tuple[ReasonLine, ...], locale: str) -> DecisionChoices:
    """`item_id` and `reasons`: the item that is open on the page, whose flagged words are offered as quotes."""
    return DecisionChoices(
        harms=tuple(
            Choice(id=harm.code.value, label=harm.name.of(locale), help=harm.definition.of(locale))
            for harm in policy.harms.values()
            if harm.code is not Harm.CSE  # escalated, never coded
        ),
        outcomes=tuple(Choice(id=o.code.value, label=o.name.of(locale), help=o.when.of(locale)) for o in policy.outcomes.values()),
        quotes=_quotes(item_id, reasons),
        boxes=tuple(Choice(id=box.id.value, label=box.label.of(locale), help=box.help.of(locale)) for box in policy.context_boxes),
        measures=tuple(Choice(id=m.id.value, label=m.name.of(locale), help=m.help.of(locale)) for m in policy.measures),
        sections=_sections(policy, platform),
        grounds=tuple(
            Choice(id=g.id, label=f"{g.id} · {g.title.of(locale)}", help=g.instrument.of(locale), codes=tuple(c.value for c in g.codes))
            for g in policy.grounds.values()
        ),
        risks=tuple(risk.value for risk in ExpressionRisk),
    )


def _quotes(item_id: str, reasons: tuple[ReasonLine, ...]) -> tuple[Choice, ...]:
    spans = {(r.start, r.end): r for r in reasons if r.start is not None and r.end is not None and r.end > r.start}
    return tuple(Choice(id=f"{item_id}:{start}:{end}", label=f"{r.number}. {r.evidence}") for (start, end), r in spans.items())


def _sections(policy: Policy, platform: Platform) -> tuple[Choice, ...]:
    found = {section.id: section for harm in Harm for section in policy.sections(platform, harm)}
    narrowest_first = sorted(found.values(), key=lambda section: len(section.codes))
    return tuple(Choice(id=s.id, label=s.name, codes=tuple(code.value for code in s.codes)) for s in narrowest_first)
