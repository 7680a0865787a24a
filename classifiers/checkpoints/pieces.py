"""A checkpoint's own tokenizer, for the `tokenizers` library: `tokenizer.json`, PhoBERT's two text files, or XLM-R's SentencePiece model.

Must not import torch or transformers. Segmentation into words (underthesea) is asked for by PhoBERT-shaped checkpoints only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from classifiers.transformer.tokens import tokenizer_from
from rasoat.errors import ConfigError, Place

_ENDS: Final = ("<s>", "<pad>", "</s>", "<unk>")
_WORD: Final = "</w>"
_INNER: Final = "@@"


def tokenizer_of(folder: Path) -> Tokenizer:
    """The tokenizer of a checkpoint's folder, with its ends (`<s> … </s>`).

    Raises:
        ConfigError: there is none, or it cannot be read.
    """
    for name, make in (("tokenizer.json", _ready), ("bpe.codes", _phobert), ("sentencepiece.bpe.model", _sentencepiece)):
        path = folder / name
        if path.exists():
            try:
                return make(path)
            except (ValueError, KeyError, IndexError, OSError, UnicodeDecodeError, struct.error) as error:
                raise ConfigError(f"not a tokenizer: {error}", place=Place(str(path)), hint="copy the whole checkpoint again") from error
    raise ConfigError(
        "no tokenizer", place=Place(str(folder / "tokenizer.json")), hint="or vocab.txt with bpe.codes, or sentencepiece.bpe.model"
    )


def _ready(path: Path) -> Tokenizer:
    made = tokenizer_from(path.read_text(encoding="utf-8"))
    made.no_padding()
    made.no_truncation()
    return made


def _phobert(path: Path) -> Tokenizer:
    """`vocab.txt` names pieces as `nh@@` and `anh`, `bpe.codes` as `nh` and `anh</w>`. Merges that have no row get ids behind all rows."""
    rows = path.with_name("vocab.txt").read_text(encoding="utf-8").splitlines()
    ids = {name: number for number, name in enumerate(_ENDS)}
    for row in rows:
        ids.setdefault(row.rsplit(" ", 1)[0], len(ids))
    ids.setdefault("<mask>", len(ids))
    merges = [(row.split()[0], row.split()[1]) for row in path.read_text(encoding="utf-8").splitlines() if len(row.split()) >= 2]
    vocabulary = {_named(piece): number for piece, number in ids.items()}
    for first, second in merges:
        for piece in (first, second, first + second):
            vocabulary.setdefault(piece, len(vocabulary))
    made = Tokenizer(models.BPE(vocabulary, merges, unk_token=_ENDS[3], end_of_word_suffix=_WORD))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return _ended(made, ids)


def _named(piece: str) -> str:
    if piece in _ENDS or piece == "<mask>":
        return piece
    return piece.removesuffix(_INNER) if piece.endswith(_INNER) else piece + _WORD


def _sentencepiece(path: Path) -> Tokenizer:
    """XLM-R's numbering: the four ends first, then the model's pieces without its own three, `<mask>` last."""
    pieces, charsmap, unigram = _read_model(path.read_bytes())
    if not unigram:
        raise ValueError("only unigram models are read")
    listed = [(name, 0.0) for name in _ENDS] + pieces[3:] + [("<mask>", 0.0)]
    made = Tokenizer(models.Unigram(listed, unk_id=3))
    steps: list[Any] = [normalizers.Precompiled(charsmap)] if charsmap else []
    made.normalizer = normalizers.Sequence([*steps, normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return _ended(made, {name: number for number, name in enumerate(_ENDS)})


def _ended(made: Tokenizer, ids: dict[str, int]) -> Tokenizer:
    made.post_processor = processors.RobertaProcessing(
        ("</s>", ids["</s>"]), ("<s>", ids["<s>"]), add_prefix_space=False, trim_offsets=False
    )
    return made


def _read_model(data: bytes) -> tuple[list[tuple[str, float]], bytes, bool]:
    """Pieces with scores, the table of characters, and whether the model is a unigram one (fields of `sentencepiece_model.proto`)."""
    pieces: list[tuple[str, float]] = []
    charsmap, kind = b"", 1
    for field, value in _fields(data):
        if field == 1 and isinstance(value, bytes):
            one = dict(_fields(value))
            pieces.append((bytes(one[1]).decode(), struct.unpack("<f", one[2])[0] if 2 in one else 0.0))
        elif field == 2 and isinstance(value, bytes):
            kind = next((int(v) for f, v in _fields(value) if f == 3 and isinstance(v, int)), kind)
        elif field == 3 and isinstance(value, bytes):
            charsmap = next((v for f, v in _fields(value) if f == 2 and isinstance(v, bytes)), b"")
    if not pieces:
        raise ValueError("it holds no pieces")
    return pieces, charsmap, kind == 1


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Fields of a protocol buffer: number and raw value."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        size = {1: 8, 5: 4}.get(kind)
        if kind == 2:
            size, at = _varint(data, at)
        if size is None or at + size > len(data):
            raise ValueError("the file is cut short or no SentencePiece model")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def segmented(texts: Sequence[str]) -> list[str]:
    """Syllables of one word joined by `_`, as PhoBERT wants them: `sinh_viên đại_học`."""
    from underthesea import word_tokenize

    return [str(word_tokenize(text, format="text")) if text.strip() else text for text in texts]
