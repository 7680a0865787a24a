"""Loads `data/policy/*.yml` into one frozen `Policy`, and refuses what the charter forbids.

Every problem of every file is collected before anything is raised. Knows nothing of cases, scores or pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn

from pydantic import BaseModel

from rasoat.errors import CharterError, ConfigError, Place
from rasoat.harms import Harm, Outcome
from rasoat.items import Platform
from rasoat.policy import models as m
from rasoat.policy.checks import FILES, check_files
from rasoat.yamlfile import Document, read_document, validate

HINT_GROUND: Final = "the allow-list is data/policy/legal_grounds.yml; a new ground needs a recorded review by a lawyer"


@dataclass(frozen=True)
class Policy:
    """The policy as a whole. `version` changes with any byte of any file."""

    version: str
    taxonomy: str
    harms: Mapping[Harm, m.HarmPolicy]
    outcomes: Mapping[Outcome, m.OutcomePolicy]
    context_boxes: tuple[m.ContextBoxPolicy, ...]
    measures: tuple[m.MeasurePolicy, ...]
    grounds: Mapping[str, m.LegalGround]
    destinations: Mapping[str, m.Destination]
    dsa_categories: Mapping[str, tuple[str, ...]]
    capacities: Mapping[str, m.Capacity]
    _sections: Mapping[str, m.PlatformSection]

    @classmethod
    def load(cls, data_dir: Path) -> Policy:
        """Read and check all of `data_dir/policy`.

        Raises:
            ConfigError: something is wrong; the message lists every problem with its line.
            CharterError: ... and one of them asks for what the charter forbids.
        """
        problems: list[ConfigError] = []
        parsed = _parse(data_dir / "policy", problems)
        if problems:
            _refuse(problems)
        return _build(_version(data_dir / "policy"), parsed)

    def harm(self, harm: Harm) -> m.HarmPolicy:
        """What the policy says of a harm."""
        return self.harms[harm]

    def ground(self, ground_id: str) -> m.LegalGround:
        """The legal ground of that id. Raises CharterError when it is not on the allow-list."""
        self.check_ground(ground_id)
        return self.grounds[ground_id]

    def check_ground(self, ground_id: str) -> None:
        """Raises CharterError when the id is not on the allow-list: there is no other way to name a ground."""
        if ground_id not in self.grounds:
            raise CharterError(f"'{ground_id}' is not on the allow-list of legal grounds", hint=HINT_GROUND)

    def grounds_for(self, harm: Harm) -> tuple[m.LegalGround, ...]:
        """The legal grounds that may be named for a harm."""
        return tuple(ground for ground in self.grounds.values() if harm in ground.codes)

    def sections(self, platform: Platform, harm: Harm) -> tuple[m.PlatformSection, ...]:
        """The sections of a platform's rules that deal with a harm, those first that deal with little else. A file has no platform: all
        of them are offered.
        """
        found = (s for s in self._sections.values() if harm in s.codes and platform in (s.platform, Platform.FILE))
        return tuple(sorted(found, key=lambda section: (section.codes[0] is not harm, len(section.codes))))

    def section(self, section_id: str) -> m.PlatformSection:
        """The platform section of that id. Raises ConfigError for an unknown one."""
        try:
            return self._sections[section_id]
        except KeyError as error:
            raise ConfigError(f"there is no platform section '{section_id}'", hint="look in data/policy/platforms.yml") from error

    def capacity(self, capacity_id: str) -> m.Capacity:
        """The requester capacity of that id. Raises ConfigError for an unknown one."""
        try:
            return self.capacities[capacity_id]
        except KeyError as error:
            known = ", ".join(self.capacities)
            raise ConfigError(f"there is no requester capacity '{capacity_id}'", hint=f"known ones: {known}") from error

    @property
    def thresholds(self) -> dict[Harm, float]:
        """Queue threshold of every harm: calibrated probability at or over which an item is flagged."""
        return {harm: policy.queue_threshold for harm, policy in self.harms.items()}


def check(data_dir: Path) -> list[ConfigError]:
    """Every problem of the policy files, in file order; empty when there is none."""
    problems: list[ConfigError] = []
    _parse(data_dir / "policy", problems)
    return problems


def _parse(folder: Path, problems: list[ConfigError]) -> dict[str, BaseModel]:
    """The typed files by name. A file with a problem is absent and its problems are noted."""
    if not folder.is_dir():
        problems.append(ConfigError("there is no such folder", place=Place(str(folder)), hint="check RASOAT_DATA"))
        return {}
    for path in sorted(folder.iterdir()):
        if path.suffix in {".yml", ".yaml"} and path.name not in FILES:
            problems.append(ConfigError("not one of the policy files", place=Place(str(path)), hint=f"known ones: {', '.join(FILES)}"))
    documents: dict[str, Document] = {}
    parsed: dict[str, BaseModel] = {}
    for name, model in FILES.items():
        try:
            documents[name] = read_document(folder / name)
        except ConfigError as error:
            problems.append(error)
            continue
        found = validate(model, documents[name], problems)
        if found is not None:
            parsed[name] = found
    check_files(documents, parsed, problems)
    return parsed


def _refuse(problems: list[ConfigError]) -> NoReturn:
    charter = [problem for problem in problems if isinstance(problem, CharterError)]
    if len(problems) == 1:
        raise problems[0]
    first = (charter or problems)[0]
    lines = "".join(f"\n  - {problem}" for problem in [*charter, *(p for p in problems if not isinstance(p, CharterError))])
    raise type(first)(f"{len(problems)} problems in the policy files:{lines}", place=first.place)


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in sorted(FILES):
        data = (folder / name).read_bytes()
        digest.update(f"{name}:{len(data)}:".encode() + data)
    return digest.hexdigest()[:12]


def _build(version: str, parsed: Mapping[str, BaseModel]) -> Policy:
    harms, outcomes, context, measures, grounds, platforms, dsa, capacities = (parsed[name] for name in FILES)
    assert isinstance(harms, m.HarmsFile)
    assert isinstance(outcomes, m.OutcomesFile)
    assert isinstance(context, m.ContextFile)
    assert isinstance(measures, m.MeasuresFile)
    assert isinstance(grounds, m.GroundsFile)
    assert isinstance(platforms, m.PlatformsFile)
    assert isinstance(dsa, m.DsaFile)
    assert isinstance(capacities, m.CapacitiesFile)
    return Policy(
        version=version,
        taxonomy=harms.taxonomy,
        harms=MappingProxyType({harm.code: harm for harm in harms.harms}),
        outcomes=MappingProxyType({outcome.code: outcome for outcome in outcomes.outcomes}),
        context_boxes=context.boxes,
        measures=measures.measures,
        grounds=MappingProxyType({ground.id: ground for ground in grounds.grounds}),
        destinations=MappingProxyType({destination.id: destination for destination in platforms.destinations}),
        dsa_categories=MappingProxyType({category.id: category.keywords for category in dsa.categories}),
        capacities=MappingProxyType({capacity.id: capacity for capacity in capacities.capacities}),
        _sections=MappingProxyType(_sections(platforms)),
    )


def _sections(platforms: m.PlatformsFile) -> dict[str, m.PlatformSection]:
    return {
        section.id: section.model_copy(update={"destination": destination.id, "platform": destination.platform})
        for destination in platforms.destinations
        for section in destination.sections
    }
