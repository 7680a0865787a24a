"""What a stage is handed: settings, store, clock, and the policy and classifier, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from classifiers.classifier import Classifier, load_classifier
from rasoat.clock import Clock, Ids, SystemClock
from rasoat.policy import Policy
from rasoat.settings import Settings
from rasoat.store import Store, open_store


@dataclass
class Runtime:
    """One home, open."""

    settings: Settings
    store: Store
    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=Ids)
    model: Path | None = None
    """A registered checkpoint in the place of the transformer that ships; set before the classifier is first asked for."""

    @cached_property
    def policy(self) -> Policy:
        """The policy files, validated."""
        return Policy.load(self.settings.data)

    @cached_property
    def classifier(self) -> Classifier:
        """Rules and models, validated."""
        return load_classifier(self.settings.data, self.settings.models, model=self.model)


@contextmanager
def open_runtime(settings: Settings, *, clock: Clock | None = None, ids: Ids | None = None) -> Iterator[Runtime]:
    """Open the home and close it whatever happens."""
    clock, ids = clock or SystemClock(), ids or Ids()
    with open_store(settings, clock=clock, ids=ids) as store:
        yield Runtime(settings, store, clock, ids)
