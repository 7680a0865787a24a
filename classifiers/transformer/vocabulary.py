"""Learns the vocabulary from text that may ship: a BPE over bare letters, then the accented forms of its pieces that are common."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from classifiers.transformer.tokens import SPECIAL, UNKNOWN, Vocabulary, bare, read

BARE: Final = 8_000
"""Pieces of bare letters. Vietnamese has some 2,500 bare syllables: nearly every one is a piece, and common names and teencode are too."""
ACCENTED: Final = 8_000
"""Accented pieces at most; the 8,000th occurs a handful of times."""
LEAST: Final = 4
"""Occurrences that make an accented piece worth a row."""
_LETTERS: Final = 400
"""Different characters; rarer ones are `[UNK]`."""
_INNER: Final = "##"
_WORDS: Final = Regex(r"\w+|[^\w\s]")


def learn(texts: Iterable[str], *, bare_pieces: int = BARE, accented_pieces: int = ACCENTED) -> Vocabulary:
    """Learn both vocabularies. The same texts in the same order give the same vocabulary."""
    readings = [read(text).text for text in texts]
    bpe = _bpe([bare(text) for text in readings], bare_pieces)
    counts: Counter[str] = Counter()
    for at in range(0, len(readings), 1000):
        chunk = readings[at : at + 1000]
        for text, made in zip(chunk, bpe.encode_batch([bare(text) for text in chunk]), strict=True):
            counts.update(piece for start, end in made.offsets if not (piece := text[start:end]).isascii() and bare(piece) != piece)
    common = sorted((piece for piece, count in counts.items() if count >= LEAST), key=lambda piece: (-counts[piece], piece))
    return Vocabulary(bpe, {piece: number for number, piece in enumerate(common[:accented_pieces], 1)})


def _bpe(texts: Sequence[str], size: int) -> Tokenizer:
    """A BPE whose ids do not hang on the order of a hash map: the trainer numbers letters as it meets them, so they are named first."""
    bpe = Tokenizer(models.BPE(unk_token=SPECIAL[UNKNOWN], continuing_subword_prefix=_INNER, fuse_unk=True))
    bpe.pre_tokenizer = pre_tokenizers.Split(_WORDS, behavior="removed", invert=True)
    counts = Counter(char for text in texts for char in text if not char.isspace())
    letters = sorted(sorted(counts, key=lambda char: (-counts[char], char))[:_LETTERS])
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[*SPECIAL, *letters, *(_INNER + char for char in letters)],
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        continuing_subword_prefix=_INNER,
        min_frequency=2,
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer, len(texts))
    facts = json.loads(bpe.to_str())
    return Tokenizer.from_str(json.dumps(facts | {"added_tokens": []}))  # a text that says "[MASK]" says just that
