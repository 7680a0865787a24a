"""What the pages stand on, built once by `create_app` and passed on: settings, store, policy, classifier, catalogues, templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Final

from jinja2 import Environment
from starlette.requests import Request

from classifiers.classifier import Classifier
from classifiers.rules import RuleSet
from rasoat.cases.workflow import Actor
from rasoat.clock import Clock
from rasoat.messages import Messages
from rasoat.policy import Policy
from rasoat.settings import Settings
from rasoat.store import Store
from rasoat.store.records import DossierRecord
from review_ui.scope import ScopeCheck
from review_ui.sources import KnownSources

PASSWORD_CHECKS: Final = 2
"""At a time: each takes 19 MiB and a core for some 30 ms, so that a log-in form under load cannot eat the machine."""

SealFunction = Callable[[str, Actor], DossierRecord]
"""`(case_id, actor)`: build the pack, check it, seal the case and note the dossier; raises DossierRefused or WorkflowError."""


@dataclass(frozen=True)
class Site:
    """The parts. `seal` is None where packs cannot be built; the page says so."""

    settings: Settings
    store: Store
    policy: Policy
    classifier: Classifier
    rules: RuleSet
    seal: SealFunction | None
    clock: Clock
    catalogues: Mapping[str, Messages]
    templates: Environment
    form_key: bytes  # signs form tokens
    scope: ScopeCheck
    source_titles: Mapping[str, str]
    sources: KnownSources = field(default_factory=KnownSources)
    password_checks: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(PASSWORD_CHECKS))

    def words(self, locale: str) -> Messages:
        """The catalogue of `locale`, Vietnamese where it is unknown."""
        return self.catalogues.get(locale) or self.catalogues["vi"]


def site_of(request: Request) -> Site:
    """The site that serves this request."""
    site: Site = request.app.state.site
    return site
