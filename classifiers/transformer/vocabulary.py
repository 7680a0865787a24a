"""Learns the vocabulary from text that may ship: a BPE over bare letters, then the accented forms of its pieces that are common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from classifiers.transformer.tokens import SPECIAL, Vocabulary, bare, read

BARE: Final = 8_000
"""Pieces of bare letters. Vietnamese has some 2,500 bare syllables: nearly every one is a piece, and common names and teencode are too."""
ACCENTED: Final = 8_000
"""Accented pieces at most; the 8,000th occurs a handful of times."""
LEAST: Final = 4
"""Occurrences that make an accented piece worth a row."""
_LETTERS: Final = 400
"""Different characters; rarer ones are `[UNK]`."""
_WORDS: Final = Regex(r"\w+|[^\w\s]")


def learn(texts: Iterable[str], *, bare_pieces: int = BARE, accented_pieces: int = ACCENTED) -> Vocabulary:
    """Learn both vocabularies. The same texts in the same order give the same vocabulary."""
    readings = [read(text).text for text in texts]
    bpe = Tokenizer(models.BPE(unk_token=SPECIAL[1], continuing_subword_prefix="##", fuse_unk=True))
    bpe.pre_tokenizer = pre_tokenizers.Split(_WORDS, behavior="removed", invert=True)
    bpe.decoder = decoders.WordPiece(prefix="##")
    trainer = trainers.BpeTrainer(
        vocab_size=bare_pieces,
        special_tokens=list(SPECIAL),
        limit_alphabet=_LETTERS,
        continuing_subword_prefix="##",
        min_frequency=2,
        show_progress=False,
    )
    bpe.train_from_iterator((bare(text) for text in readings), trainer, len(readings))
    counts: Counter[str] = Counter()
    for at in range(0, len(readings), 1000):
        chunk = readings[at : at + 1000]
        for text, made in zip(chunk, bpe.encode_batch([bare(text) for text in chunk]), strict=True):
            counts.update(piece for start, end in made.offsets if not (piece := text[start:end]).isascii() and bare(piece) != piece)
    common = sorted((piece for piece, count in counts.items() if count >= LEAST), key=lambda piece: (-counts[piece], piece))
    return Vocabulary(bpe, {piece: number for number, piece in enumerate(common[:accented_pieces], 1)})
