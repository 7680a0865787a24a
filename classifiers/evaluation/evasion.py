"""Evasion: every kind tried on every positive, with recall before and after; and on harmless texts, with the alarms that it raises.

A kind counts only the texts that it changes. Owns the list of kinds, the limits and the report; how each looks stands in `evasion_kinds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifiers.evaluation import evasion_kinds as how
from classifiers.evaluation.evasion_kinds import (
    Evasion,
    between,
    block,
    digits,
    every,
    hosts,
    inside,
    leet,
    phones,
    respelled,
    ridden,
    table,
)
from classifiers.evaluation.expression import load_suite
from classifiers.evaluation.metrics import Rate
from classifiers.evaluation.transforms import decomposed, teencode
from rasoat.harms import Harm

if TYPE_CHECKING:
    from classifiers.evaluation.report import Assesses

MOST_DROP: Final = 0.05
"""Points of recall that any kind may cost."""
MOST_RAISED: Final = 0.005
"""Share of harmless texts, not flagged as written, that a kind may get flagged."""
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_MATH: Final = {"math bold": 0x1D41A, "math sans bold": 0x1D5EE, "math monospace": 0x1D68A, "math fraktur bold": 0x1D586}
_SCRIPT: Final = {"e": "ℯ", "g": "ℊ", "o": "ℴ", "B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ"}
_DOUBLE: Final = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}
_SOUND: Final = ((r"^d", "z"), (r"^gi", "j"), (r"^ph", "f"), (r"^qu", "w"), (r"c$", "k"), (r"^c(?!h)", "k"))

KINDS: Final[dict[str, Evasion]] = {
    "dots between letters": between("."),
    "hyphens between letters": between("-"),
    "underscores between letters": between("_"),
    "asterisks between letters": between("*"),
    "bars between letters": between("|"),
    "spaces between letters": between(" ", "   "),
    "letters in brackets": how.bracketed,
    "dot inside every second word": every(2, lambda word: f"{word[:1]}.{word[1:]}"),
    "dots between syllables": how.syllables_by("."),
    "underscores between syllables": how.syllables_by("_"),
    "hyphens between syllables": how.syllables_by("-"),
    "words joined": how.syllables_by(""),
    "zero-width space": inside("\u200b"),
    "zero-width joiner": inside("\u200d"),
    "soft hyphen": inside("\u00ad"),
    "word joiner": inside("\u2060"),
    "direction marks": inside("\u200f"),
    "invisible tag characters": inside("\U000e0041\U000e007f"),
    "Hangul filler": inside("\u3164"),
    "grapheme joiner": inside("\u034f"),
    "no-break and thin spaces": lambda text: text.replace(" ", "\u00a0\u2009"),
    "Cyrillic look-alikes": table("aceiopxyhkmtABCEHKMOPTXY", "асеіорхуһкмтАВСЕНКМОРТХУ"),
    "Greek look-alikes": table("aikntouvxyABEHIKMNOPTXYZ", "αικητουνχγΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"),
    **{name: block(small, small - 26) for name, small in _MATH.items()},
    "math script": block(0x1D4B6, 0x1D49C, _SCRIPT),
    "math double-struck": block(0x1D552, 0x1D538, _DOUBLE),
    "fullwidth": block(0xFF41, 0xFF21),
    "circled letters": block(0x24D0, 0x24B6),
    "parenthesised letters": block(0x249C, 0x249C),
    "squared letters": block(0x1F130, 0x1F130),
    "negative squared letters": block(0x1F170, 0x1F170),
    "regional indicators": lambda text: block(0x1F1E6, 0x1F1E6)(how.bare(text)),
    "small capitals": table(_LETTERS, "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀsᴛᴜᴠᴡxʏᴢ"),
    "superscript letters": table("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"),
    "stroke letters": table("abdhiloptz", "Ⱥƀđħɨłøᵽŧƶ"),
    "foreign marks": lambda text: table("aeiouyncs", "äëïöüÿñçş")(how.bare(text)),
    "leet digits": leet({"a": "4", "e": "3", "i": "1", "o": "0", "t": "7"}, 1),
    "leet digits, heavy": lambda text: leet({"a": "4", "e": "3", "i": "1", "o": "0", "t": "7", "s": "5", "b": "8"}, 9)(how.bare(text)),
    "leet signs": leet({"a": "@", "s": "$", "i": "!", "l": "|", "o": "0"}, 1),
    "telex residue": how.typed("sfrxj", how.TELEX, at_end=True),
    "telex residue, tone inside": how.typed("sfrxj", how.TELEX, at_end=False),
    "VNI residue": how.typed("12345", how.VNI, at_end=True),
    "VNI residue, tone inside": how.typed("12345", how.VNI, at_end=False),
    "no diacritics": how.bare,
    "every second word without diacritics": every(2, how.bare),
    "every fourth word without diacritics": every(4, how.bare),
    "no tone marks": how.without_tones,
    "NFD": decomposed,
    "NFC and NFD mixed": how.mixed_forms,
    "tone on another vowel": how.tone_elsewhere,
    "doubled letters": how.doubled,
    "stretched letters": how.stretched,
    "emoji inside words": inside("🔥"),
    "emoji between words": how.pictures_between,
    "random case": how.random_case,
    "upside-down": how.upside_down,
    "reversed words": how.reversed_words,
    "right-to-left override": how.overridden,
    "struck through": ridden("\u0336"),
    "underlined": ridden("\u0332"),
    "zalgo, light": ridden("\u0310\u0353\u035b\u0324"),
    "teencode table": teencode,
    "teencode c/k/q": respelled((r"c$", "k"), (r"^c(?!h)", "k"), (r"^qu", "q")),
    "teencode j, z, f, w": respelled(*_SOUND),
    "teencode dz and ck": respelled((r"^(?:d|v)", "dz"), (r"ch$", "ck"), (r"ng$", "g")),
    "phone in words": phones(how.spoken),
    "phone with look-alike letters": phones(lambda number: number.replace("0", "O").replace("1", "l").replace("5", "S")),
    "phone dotted": phones(".".join),
    "phone spaced": phones(" ".join),
    "keycap digits": digits(" ".join(f"{n}\ufe0f\u20e3" for n in range(10))),
    "circled digits": digits("⓪ ① ② ③ ④ ⑤ ⑥ ⑦ ⑧ ⑨"),
    "math digits": digits(" ".join(chr(0x1D7CE + n) for n in range(10))),
    "domain 'chấm'": hosts(lambda host: host.replace(".", " chấm ")),
    "domain 'dot'": hosts(lambda host: host.replace(".", " dot ")),
    "domain [.]": hosts(lambda host: host.replace(".", "[.]")),
    "domain (.)": hosts(lambda host: host.replace(".", "(.)")),
    "domain spaced": hosts(lambda host: host.replace(".", " . ")),
    "domain with another dot": hosts(lambda host: host.replace(".", "。")),
    "hxxp": lambda text: text.replace("https://", "hxxps://").replace("http://", "hxxp://"),
    "HTML entities": how.entities,
    "percent-encoding": how.percent,
    "quotation marks": how.in_quotes,
    "other punctuation": how.punctuation,
    "line breaks inside words": how.broken_lines,
    "every word on its line": lambda text: text.replace(" ", "\n"),
}
"""Name to function."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and the harms one of which must be flagged; none: nothing may be."""

    text: str
    expected: frozenset[Harm]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind: of the positives that it changes, how many are found as written and distorted; of harmless ones, how many get flagged."""

    kind: str
    before: Rate
    after: Rate
    raised: Rate

    @property
    def drop(self) -> float:
        """Recall lost, as a share: negative when more is found."""
        return self.before.value - self.after.value

    @property
    def ok(self) -> bool:
        """Whether both limits hold."""
        return self.drop <= MOST_DROP and self.raised.value <= MOST_RAISED


@dataclass(frozen=True, slots=True)
class EvasionReport:
    """All kinds."""

    rows: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        """Whether every kind holds its limits."""
        return all(row.ok for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "ok": self.ok,
            "limits": {"drop": MOST_DROP, "raised": MOST_RAISED},
            "kinds": [
                {
                    "kind": row.kind,
                    "positives": row.before.n,
                    "recall_before": round(row.before.value, 4),
                    "recall_after": round(row.after.value, 4),
                    "drop": round(row.drop, 4),
                    "harmless": row.raised.n,
                    "raised": row.raised.hits,
                    "ok": row.ok,
                }
                for row in self.rows
            ],
        }

    def table(self) -> str:
        """For a terminal."""
        lines = [f"{'kind':<38} {'n':>5} {'before':>7} {'after':>7} {'drop':>6}   {'harmless raised':>15}"]
        for row in self.rows:
            raised = f"{row.raised.hits}/{row.raised.n} {100 * row.raised.value:.2f}%"
            figures = f"{row.before.n:>5} {100 * row.before.value:>6.1f}% {100 * row.after.value:>6.1f}% {100 * row.drop:>6.1f}"
            lines.append(f"{row.kind:<38} {figures}   {raised:>15}{'' if row.ok else '  FAILS'}")
        bad = [row.kind for row in self.rows if not row.ok]
        lines.append(
            f"{len(self.rows)} kinds; limits: {100 * MOST_DROP:.0f} points of recall, {100 * MOST_RAISED:.1f}% of harmless texts raised"
        )
        lines.append("gate: open" if not bad else f"gate: CLOSED: {len(bad)} kinds: {', '.join(bad)}")
        return "\n".join(lines)


def evaluate_evasion(
    classifier: Assesses, positives: Sequence[Sample], harmless: Sequence[Sample], kinds: dict[str, Evasion] | None = None
) -> EvasionReport:
    """Try every kind. Harmless samples that are flagged as written are left out: what a kind raises is counted, not what was up before."""
    found = _right(classifier, [sample.text for sample in positives], positives)
    quiet = [
        sample
        for sample, seen in zip(harmless, classifier.assess_many([sample.text for sample in harmless]), strict=True)
        if not seen.flagged
    ]
    rows = []
    for name, evade in (KINDS if kinds is None else kinds).items():
        changed = [(n, made) for n, sample in enumerate(positives) if (made := evade(sample.text)) != sample.text]
        after = _right(classifier, [made for _, made in changed], [positives[n] for n, _ in changed])
        before = [found[n] for n, _ in changed]
        others = [made for sample in quiet if (made := evade(sample.text)) != sample.text]
        raised = sum(bool(seen.flagged) for seen in classifier.assess_many(others))
        rows.append(Row(name, Rate(sum(before), len(before)), Rate(sum(after), len(after)), Rate(raised, len(others))))
    return EvasionReport(tuple(rows))


def _right(classifier: Assesses, texts: Sequence[str], samples: Sequence[Sample]) -> list[bool]:
    seen = classifier.assess_many(texts)
    return [bool(one.flagged and frozenset(one.flagged) & sample.expected) for one, sample in zip(seen, samples, strict=True)]


def samples(data_dir: Path, *, seed: int = 1, most: int = 600) -> tuple[list[Sample], list[Sample]]:
    """Positives and harmless texts: the expression suite, and the dev part of our own corpus, of each at most `most` from the corpus."""
    from classifiers.training import datasets
    from classifiers.training.examples import Split

    suite = load_suite(data_dir)
    positives = [Sample(case.text, case.expected) for case in suite.cases if case.harmful]
    harmless = [Sample(case.text, frozenset()) for case in suite.cases if not case.harmful and not case.never]
    material = datasets.load(data_dir, seed=seed)
    dev = [example for example in material.part(Split.DEV) if example.source not in datasets.SETS]
    return (
        positives + [Sample(example.text, example.harms) for example in _spread([e for e in dev if e.harms], most)],
        harmless + [Sample(example.text, frozenset()) for example in _spread([e for e in dev if not e.harms], most)],
    )


def _spread(examples: Sequence[Any], most: int) -> list[Any]:
    """Evenly drawn: the corpus stands scheme by scheme."""
    step = max(1.0, len(examples) / most)
    return [examples[int(n * step)] for n in range(min(most, len(examples)))]
