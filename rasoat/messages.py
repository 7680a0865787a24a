"""Message catalogues: every text that people see, Vietnamese first.

`data/messages/<locale>/<room>.yml` holds flat `key: text` pairs; `Messages.t("<room>.<key>", slot=…)` fills `{slot}`s.
Values are put in as they are: escaping belongs to whoever renders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from rasoat.errors import ConfigError, Place
from rasoat.yamlfile import shallow

LOCALES: Final = ("vi", "en")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster and not always built in


@dataclass(frozen=True)
class Messages:
    """The catalogue of one locale."""

    locale: str
    texts: Mapping[str, str]

    @classmethod
    def load(cls, data_dir: Path, locale: str) -> Messages:
        """Read every room's file of the locale.

        Raises:
            ConfigError: an unknown locale, a file that is not flat `key: text`, a key twice.
        """
        folder = data_dir / "messages" / locale
        if locale not in LOCALES or not folder.is_dir():
            raise ConfigError(f"no messages for locale '{locale}'", hint=f"known ones: {', '.join(LOCALES)}")
        texts: dict[str, str] = {}
        for path in sorted(folder.glob("*.yml")):
            texts.update({f"{path.stem}.{key}": text for key, text in _flat(path).items()})
        return cls(locale, texts)

    def t(self, key: str, /, **slots: object) -> str:
        """The text of `key` with its slots filled.

        Raises:
            ConfigError: no such key, or a slot without a value.
        """
        try:
            return self.texts[key].format_map(slots) if slots else self.texts[key]
        except KeyError as error:
            missing = f"message '{key}'" if error.args[0] == key else f"a value for slot {error} of message '{key}'"
            raise ConfigError(f"{missing} is missing in locale '{self.locale}'", hint="add it under data/messages") from error

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in self.texts


def _flat(path: Path) -> dict[str, str]:
    try:
        node = yaml.compose(shallow(path.read_text("utf-8")), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(f"not YAML: {error.problem}", place=Place(str(path), line)) from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError("a catalogue is a mapping of key to text", place=Place(str(path), 1))
    texts: dict[str, str] = {}
    for key, value in node.value:
        place = Place(str(path), key.start_mark.line + 1)
        if not isinstance(value, yaml.ScalarNode):
            raise ConfigError(f"'{key.value}' is not a text", place=place, hint="catalogues are flat: write `group_key: text`")
        if key.value in texts:
            raise ConfigError(f"'{key.value}' stands here twice", place=place)
        texts[key.value] = value.value
    return texts
