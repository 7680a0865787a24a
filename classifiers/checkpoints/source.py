"""A checkpoint's folder as people download it: is everything there that fine-tuning needs, and nothing that must not be loaded?

Looks at names and JSON only. Must not import torch or transformers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rasoat.errors import ConfigError, Place

SHAPES: Final = ("roberta", "xlm-roberta", "bert", "electra", "camembert", "distilbert", "modernbert")
"""`model_type`s that were tried: PhoBERT is `roberta`, ViSoBERT is `xlm-roberta`. Others may need inputs that the exported graph lacks."""
LONGEST: Final = 256
"""Pieces of a window: what PhoBERT's positions allow, and a window of the linear model needs."""
_PICKLES: Final = ("pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "model.bin", "model.ckpt")


@dataclass(frozen=True, slots=True)
class Source:
    """What the folder says about itself. `head`: labels of a classifier that it was fine-tuned for; 0: none."""

    folder: Path
    config: dict[str, Any]
    segmented: bool  # it was trained on text whose syllables are joined to words: `sinh_viên`
    head: int
    longest: int

    @property
    def shape(self) -> str:
        """The `model_type`."""
        return str(self.config["model_type"])


def look(folder: Path) -> Source:
    """Check a folder.

    Raises:
        ConfigError: not a folder, `config.json` missing, of a kind that was not tried, no safetensors, no tokenizer.
    """
    if not folder.is_dir():
        raise ConfigError("there is no such folder", place=Place(str(folder)), hint="give the local folder of a downloaded checkpoint")
    config = _config(folder / "config.json")
    if config.get("model_type") not in SHAPES:
        hint = f"kinds that work: {', '.join(SHAPES)}"
        raise ConfigError(f"model_type is {config.get('model_type')!r}", place=Place(str(folder / "config.json")), hint=hint)
    _weights(folder)
    names = json.dumps(_optional(folder / "tokenizer_config.json"))
    segmented = (folder / "bpe.codes").exists() or "PhobertTokenizer" in names
    classifier = any("Classification" in str(name) for name in config.get("architectures") or ())
    positions = config.get("max_position_embeddings")
    longest = min(LONGEST, positions - 2) if isinstance(positions, int) else LONGEST  # RoBERTa counts positions from 2
    return Source(folder, config, segmented, _labels(config) if classifier else 0, longest)


def fits(source: Source, labels: int) -> None:
    """A checkpoint that was fine-tuned for something else keeps its own head.

    Raises:
        ConfigError: it has a head for another number of labels.
    """
    if source.head not in (0, labels):
        raise ConfigError(
            f"the checkpoint is a classifier of {source.head} labels, ours has {labels}",
            place=Place(str(source.folder / "config.json")),
            hint="give the checkpoint as it was before it was fine-tuned, without a classifier",
        )


def _labels(config: dict[str, Any]) -> int:
    names = config.get("id2label")
    return len(names) if isinstance(names, dict) else int(config.get("num_labels", 2))


def _config(path: Path) -> dict[str, Any]:
    try:
        made = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read it: {error}", place=Place(str(path)), hint="a Hugging Face checkpoint has a config.json") from error
    if not isinstance(made, dict):
        raise ConfigError("not an object", place=Place(str(path)), hint="a Hugging Face checkpoint has a config.json")
    return made


def _optional(path: Path) -> Any:
    return _config(path) if path.exists() else {}


def _weights(folder: Path) -> None:
    if any(folder.glob("*.safetensors")):
        return
    pickled = [name for name in _PICKLES if (folder / name).exists()]
    if pickled:
        raise ConfigError(
            "its weights are a pickle, which could run any program; no pickle is ever loaded",
            place=Place(str(folder / pickled[0])),
            hint="take the model.safetensors of the same checkpoint, or convert it on a machine where nothing can be lost",
        )
    raise ConfigError("no weights", place=Place(str(folder / "model.safetensors")), hint="copy the whole checkpoint")
