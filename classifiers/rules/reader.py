"""Reads rule files: YAML with line numbers into the tree of `nodes`. Every problem is collected; nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from classifiers.rules import regexes
from classifiers.rules.nodes import AllOf, AnyOf, Least, Node, Phrase, Regex, Rule, SafeguardRule, Signal, State
from classifiers.rules.phrases import phrase, unfold
from classifiers.rules.problems import Problems
from classifiers.rules.signals import SIGNALS
from rasoat.harms import TEXT_ONLY_HARMS, Harm
from rasoat.yamlfile import shallow

PASSAGE: Final = 60
"""Words within which the parts of `all` must stand: about two paragraphs of a post."""

_ID: Final = re.compile(r"[a-z]{3}\.[a-z0-9]+(?:-[a-z0-9]+){0,6}")
_RULE_KEYS: Final = {"id", "weight", "vi", "en", "match", "state", "unless", "despite", "examples", "counter_examples"}
_GUARD_KEYS: Final = {"id", "weights", "vi", "en", "match", "silent", "reach", "unless", "examples"}
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Reader:
    """Reads the files of one data directory. `lists` are the lexicons by name."""

    problems: Problems
    lists: dict[str, AnyOf]
    path: Path = field(default=Path())

    def rules(self, path: Path) -> list[Rule]:
        """The rules of `<code>.yml`."""
        before = len(self.problems.found)
        top = self._top(path, {"harm", "note", "rules"})
        if not top and len(self.problems.found) > before:
            return []
        code = top.get("harm")
        name = code.value if isinstance(code, yaml.ScalarNode) else ""
        if name not in Harm.__members__:
            self._bad(code, f"'{name}' is no harm of the closed list", f"one of {', '.join(Harm)}", "harm")
            return []
        harm = Harm(name)
        if path.stem != name.lower():
            self._bad(code, f"rules for {name} stand in '{path.name}'", f"move them to '{name.lower()}.yml'")
        entries = self._items(top.get("rules"), "rules")
        if entries and harm not in TEXT_ONLY_HARMS:
            self._bad(code, f"{name} cannot be seen in a text alone", "leave `rules: []`; see the note in the file")
            return []
        return [rule for entry in entries if (rule := self._rule(entry, harm)) is not None]

    def safeguards(self, path: Path) -> list[SafeguardRule]:
        """The safeguards of `safeguards.yml`."""
        top = self._top(path, {"note", "safeguards"})
        return [guard for entry in self._items(top.get("safeguards"), "safeguards") if (guard := self._safeguard(entry)) is not None]

    def _top(self, path: Path, keys: set[str]) -> dict[str, yaml.Node]:
        self.path = path
        try:
            root = yaml.compose(shallow(path.read_text("utf-8")), Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self.problems.add(path, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, f"not YAML: {error.problem}")
            return {}
        except UnicodeDecodeError:
            self.problems.add(path, 1, 1, "not UTF-8", "save the file as UTF-8")
            return {}
        return self._mapping(root, keys) if root is not None else {}

    def _rule(self, entry: yaml.Node, harm: Harm) -> Rule | None:
        keys = self._mapping(entry, _RULE_KEYS)
        before = len(self.problems.found)
        rule_id = self._text(keys, "id", entry)
        if rule_id and not _ID.fullmatch(rule_id):
            self._bad(keys["id"], f"'{rule_id}' is not the form of an id", f"like `{harm.lower()}.otp-request`")
        elif rule_id and not rule_id.startswith(harm.lower() + "."):
            self._bad(
                keys["id"], f"a rule for {harm} has an id that begins with `{harm.lower()}.`", f"`{harm.lower()}.{rule_id.split('.')[1]}`"
            )
        weight = self._number(keys, "weight", entry, 0.1, 8.0)
        vi, en = self._text(keys, "vi", entry), self._text(keys, "en", entry)
        state = self._text(keys, "state", entry, State.LIVE.value)
        if state not in list(State):
            self._bad(keys["state"], f"'{state}' is no state", f"one of {', '.join(State)}")
        match = self._node(keys["match"]) if "match" in keys else self._missing(entry, "match")
        examples, counters = self._texts(keys.get("examples")), self._texts(keys.get("counter_examples"))
        if not examples:
            self._bad(keys.get("id", entry), "a rule needs an example of what it finds", "add `examples:` with at least one text")
        if not counters:
            self._bad(keys.get("id", entry), "a rule needs an example of what it must leave alone", "add `counter_examples:`")
        unless = tuple(node for item in self._items(keys.get("unless"), "unless") if (node := self._node(item)) is not None)
        if match is None or len(self.problems.found) > before:
            return None
        return Rule(
            rule_id, harm, weight, vi, en, match, State(state), unless, frozenset(self._texts(keys.get("despite"))),
            examples, counters, self.path.name, entry.start_mark.line + 1,
        )  # fmt: skip

    def _safeguard(self, entry: yaml.Node) -> SafeguardRule | None:
        keys = self._mapping(entry, _GUARD_KEYS)
        before = len(self.problems.found)
        guard_id = self._text(keys, "id", entry)
        vi, en = self._text(keys, "vi", entry), self._text(keys, "en", entry)
        weights: dict[Harm, float] = {}
        if "weights" not in keys:
            self._missing(entry, "weights")
        table = self._mapping(keys["weights"], {*Harm, "all"}) if "weights" in keys else {}
        for name, node in table.items():
            value = self._float(node, name, 0.1, 12.0)
            weights.update(dict.fromkeys(Harm, value) if name == "all" else {Harm(name): value})
        silent = self._text(keys, "silent", entry, "false")
        if silent not in {"true", "false"}:
            self._bad(keys["silent"], "`silent` is true or false")
        reach = int(self._number(keys, "reach", entry, 0, 10_000, 250))
        match = self._node(keys["match"]) if "match" in keys else self._missing(entry, "match")
        unless = tuple(part for item in self._items(keys.get("unless"), "unless") if (part := self._node(item)) is not None)
        if match is None or len(self.problems.found) > before:
            return None
        return SafeguardRule(
            guard_id,
            weights,
            vi,
            en,
            match,
            silent == "true",
            reach,
            self._texts(keys.get("examples")),
            self.path.name,
            entry.start_mark.line + 1,
            unless,
        )

    def _node(self, node: yaml.Node) -> Node | None:  # noqa: PLR0911  (one line for each kind of node)
        if isinstance(node, yaml.ScalarNode):
            return self._phrases(node)
        if isinstance(node, yaml.SequenceNode):
            return self._group(node, AnyOf)
        keys = self._mapping(node, {"any", "all", "near", "least", "list", "signal", "regex"})
        if len(keys) != 1:
            self._bad(
                node,
                "a pattern is one thing: a phrase, `any`, `all`, `near`, `least`, `list`, `signal` or `regex`",
                "put several under `all:` or `any:`",
            )
            return None
        ((kind, value),) = keys.items()
        if kind in {"any", "all"}:
            return self._group(value, AnyOf if kind == "any" else AllOf)
        if kind in {"near", "least"}:
            return self._counted(value, kind)
        name = value.value if isinstance(value, yaml.ScalarNode) else ""
        if kind == "signal":
            return Signal(name) if name in SIGNALS else self._unknown(value, "signal", name, SIGNALS)
        if kind == "list":
            return self.lists.get(name) or self._unknown(value, "list", name, self.lists)
        pattern, message, hint = regexes.check(name)
        return Regex(pattern) if pattern is not None else self._bad(value, message, hint)

    def _phrases(self, node: yaml.ScalarNode) -> Node | None:
        exact = "=" if node.value.startswith("=") else ""
        try:
            forms = unfold(node.value.lstrip("="))
        except ValueError as error:
            return self._bad(node, str(error), "`(nhận|lấy) tiền (ngay)?` is the form")
        found: list[Phrase] = [one for form in forms if (one := phrase(exact + form)) is not None]
        if len(found) < len(forms):
            return self._bad(node, f"no word is left of '{node.value}'", "a phrase needs a letter or a digit")
        return found[0] if len(found) == 1 else AnyOf(tuple(found))

    def _group(self, value: yaml.Node, kind: type[AnyOf] | type[AllOf]) -> Node | None:
        children = tuple(child for item in self._items(value, "any" if kind is AnyOf else "all") if (child := self._node(item)) is not None)
        if not children:
            empty = isinstance(value, yaml.SequenceNode) and not value.value
            return self._bad(value, "this group is empty") if empty else None
        return AnyOf(children) if kind is AnyOf else AllOf(children, PASSAGE)

    def _counted(self, value: yaml.Node, kind: str) -> Node | None:
        keys = self._mapping(value, {"within", "of", "ordered"} if kind == "near" else {"within", "of", "count"})
        within = int(self._number(keys, "within", value, 0, 400, None if kind == "near" else PASSAGE))
        children = tuple(child for item in self._items(keys.get("of"), "of") if (child := self._node(item)) is not None)
        if len(children) < 2:
            return self._bad(value, f"`{kind}` needs at least two parts under `of:`")
        if kind == "near":
            return AllOf(children, within, self._text(keys, "ordered", value, "false") == "true")
        count = int(self._number(keys, "count", value, 1, 50))
        return Least(count, children, within) if count <= len(children) else self._bad(value, f"{count} of {len(children)} can never be")

    def _mapping(self, node: yaml.Node, known: set[str]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._bad(node, "expected `key: value` pairs here")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in known:
                self._bad(key, f"unknown key '{key.value}'", f"known ones: {', '.join(sorted(known))}")
            elif key.value in found:
                self._bad(key, f"'{key.value}' stands here twice")
            else:
                found[key.value] = value
        return found

    def _items(self, node: yaml.Node | None, name: str) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._bad(node, f"`{name}` is a list", "begin each line with `- `")
            return []
        return list(node.value)

    def _texts(self, node: yaml.Node | None) -> tuple[str, ...]:
        return tuple(item.value for item in self._items(node, "this")) if node is not None else ()

    def _text(self, keys: dict[str, yaml.Node], name: str, parent: yaml.Node, default: str | None = None) -> str:
        node = keys.get(name)
        if node is None:
            if default is None:
                self._missing(parent, name)
            return default or ""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self._bad(node, f"`{name}` is a text")
            return ""
        return str(node.value).strip()

    def _number(
        self, keys: dict[str, yaml.Node], name: str, parent: yaml.Node, low: float, high: float, default: float | None = None
    ) -> float:
        if name not in keys:
            if default is None:
                self._missing(parent, name)
            return default if default is not None else low
        return self._float(keys[name], name, low, high)

    def _float(self, node: yaml.Node, name: str, low: float, high: float) -> float:
        try:
            value = float(node.value) if isinstance(node, yaml.ScalarNode) else float("nan")
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            self._bad(node, f"`{name}` is a number from {low:g} to {high:g}")
            return low
        return value

    def _missing(self, node: yaml.Node, name: str) -> Node | None:
        return self._bad(node, f"`{name}` is missing", f"add `{name}:`")

    def _unknown(self, node: yaml.Node, kind: str, name: str, known: object) -> Node | None:
        names = sorted(known) if isinstance(known, dict) else []
        return self._bad(node, f"there is no {kind} '{name}'", f"known ones: {', '.join(names) or 'none'}")

    def _bad(self, node: yaml.Node | None, message: str, hint: str = "", missing: str = "") -> Node | None:
        if node is None:
            self.problems.add(self.path, 1, 1, f"`{missing}` is missing" if missing else message, hint)
        else:
            self.problems.add(self.path, node.start_mark.line + 1, node.start_mark.column + 1, message, hint)
        return None
