"""What the pages stand on, built once by `create_app` and passed on: settings, store, policy, classifier, catalogues, templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import BoundedSemaphore
from typing import Final, Protocol

from jinja2 import Environment
from starlette.requests import Request

from classifiers.classifier import Classifier
from classifiers.rules import RuleSet
from rasoat.cases.workflow import Actor
from rasoat.clock import Clock
from rasoat.health import SourceHealth
from rasoat.messages import Messages
from rasoat.metrics import Meters, Watch
from rasoat.policy import Policy
from rasoat.settings import Settings
from rasoat.store import Store
from rasoat.store.measuring import SourceRuns
from rasoat.store.records import DossierRecord
from review_ui.scope import ScopeCheck
from review_ui.sources import KnownSources

PASSWORD_CHECKS: Final = 2
"""At a time: each takes 19 MiB and a core for some 30 ms, so that a log-in form under load cannot eat the machine."""

SealFunction = Callable[[str, Actor], DossierRecord]
"""`(case_id, actor)`: build the pack, check it, seal the case and note the dossier; raises DossierRefused or WorkflowError."""


class SourceDesk(Protocol):
    """What the site is told of sources, and the one thing that it may ask of them: crawlers and flows are unknown here."""

    def healths(self, runs: Mapping[str, SourceRuns], now: datetime) -> tuple[SourceHealth, ...]:
        """Each source that has a file; `runs` are those of crawls, by source."""
        ...

    def start(self, name: str) -> bool:
        """Begin to collect from a source and return at once; False when that is under way already."""
        ...

    def under_way(self) -> frozenset[str]:
        """Sources that were started from here and have not ended."""
        ...


class NoSources:
    """A site by itself."""

    def healths(self, runs: Mapping[str, SourceRuns], now: datetime) -> tuple[SourceHealth, ...]:
        """None."""
        return ()

    def start(self, name: str) -> bool:
        """Nothing to start."""
        return False

    def under_way(self) -> frozenset[str]:
        """None."""
        return frozenset()


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
    desk: SourceDesk
    watch: Watch
    meters: Meters
    metrics_token: str  # empty: loopback only
    sources: KnownSources = field(default_factory=KnownSources)
    password_checks: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(PASSWORD_CHECKS))

    def words(self, locale: str) -> Messages:
        """The catalogue of `locale`, Vietnamese where it is unknown."""
        return self.catalogues.get(locale) or self.catalogues["vi"]


def site_of(request: Request) -> Site:
    """The site that serves this request."""
    site: Site = request.app.state.site
    return site
