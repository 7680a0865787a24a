"""What is kept of a case, for the person whose post it is: what the data-protection officer sees of it, as one document.

Texts are masked and addresses defanged as everywhere; no verdict, no reader, nothing of what people made of it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from rasoat.errors import NotPermitted, UsageError
from rasoat.harms import Harm
from rasoat.items import Item
from rasoat.missing import or_none
from rasoat.policy import Policy
from rasoat.store.records import CaseItem, CaseView
from review_ui.views.base import View
from review_ui.views.captures import CaptureFacts, capture_facts
from review_ui.views.case import ItemFacts, item_facts
from review_ui.views.text import mask_text


class KeptPost(View):
    """One post: its facts, its words, and every capture of it."""

    item: ItemFacts
    text: str
    verbatim: str  # before extraction; empty where that changed nothing
    suspected: tuple[str, ...]  # codes that the machine put to it, for people to judge
    assessed_by: str  # the machine's versions
    captures: tuple[CaptureFacts, ...]
    sealed_record: bool  # the platform's own record is kept, encrypted: it may name other people


class KeptCase(View):
    """The document."""

    case_id: str
    made_at: datetime
    opened_at: datetime
    state: str
    state_since: datetime
    suspected: str
    suspected_name: str
    posts: tuple[KeptPost, ...]


def kept_case(view: CaseView, theirs: Collection[str], policy: Policy, now: datetime, locale: str = "vi") -> KeptCase:
    """`theirs`: ids of the posts that belong to whoever asks; may be empty where the case holds one.

    Raises:
        UsageError: nothing is kept, the case holds posts of others and nobody said which are theirs, or one that is not in it.
        NotPermitted: suspected child safety: its words are shown to nobody.
    """
    facts = view.facts
    posts = _chosen(view, theirs)
    if facts.suggested is Harm.CSE:
        raise NotPermitted("the words of this case are shown to nobody: people decide first whether it is escalated")
    return KeptCase(
        case_id=facts.id,
        made_at=now,
        opened_at=view.opened_at,
        state=facts.state.value,
        state_since=facts.since,
        suspected=facts.suggested.value,
        suspected_name=policy.harm(facts.suggested).name.of(locale),
        posts=tuple(_post(entry) for entry in posts),
    )


def _chosen(view: CaseView, theirs: Collection[str]) -> list[CaseItem]:
    there = {entry.item.id: entry for entry in view.items}
    if not there:
        raise UsageError(f"nothing is kept of case {view.facts.id}: the answer is 'refused' on the ground 'nothing_kept'")
    if strange := sorted(set(theirs) - set(there)):
        raise UsageError(f"not a post of this case: {', '.join(strange)}")
    if not theirs and len(there) > 1:
        raise UsageError(f"the case holds {len(there)} posts, which may be of several people: say which are theirs: {', '.join(there)}")
    return [entry for key, entry in there.items() if not theirs or key in theirs]


def _post(entry: CaseItem) -> KeptPost:
    item, versions = entry.item, entry.assessment.versions
    return KeptPost(
        item=item_facts(item),
        text=mask_text(item.text),
        verbatim=_verbatim(item),
        suspected=tuple(harm.value for harm in entry.assessment.flagged),
        assessed_by=f"model {versions.model}, rules {versions.rules}, lexicon {versions.lexicon}, policy {versions.policy}",
        captures=capture_facts(item),
        sealed_record=or_none(item.raw) is not None,
    )


def _verbatim(item: Item) -> str:
    return "" if item.verbatim in ("", item.text) else mask_text(item.verbatim)
