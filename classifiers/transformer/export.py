"""From a fine-tuned network to the folder that serves: int8 ONNX graph, vocabulary, facts with hashes; and a proof that they agree.

Training only: torch, onnx and onnxruntime's quantiser are imported here.
"""

from __future__ import annotations

import io
import json
import logging
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from classifiers.transformer.encoder import FACTS, GRAPH, TOKENS, Encoder
from classifiers.transformer.files import FORMAT, json_bytes, replace
from classifiers.transformer.finetuning import Taught
from classifiers.transformer.network import Judge
from rasoat.canonical import sha256_hex

OPSET: Final = 17
"""Has LayerNormalization as one operator; every ONNX Runtime of the last years runs it."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far the served graph is from the network, over some texts: mean and greatest difference of scores, share of equal verdicts."""

    texts: int
    mean: float
    greatest: float
    agreement: float


def export(taught: Taught, folder: Path, *, name: str, notes: dict[str, Any], probe: Sequence[str]) -> Parity:
    """Write `model.onnx`, `tokenizer.json` and `model.json` (last), and compare with the network on `probe`."""
    folder.mkdir(parents=True, exist_ok=True)
    graph = quantised(graph_of(taught.judge))
    tokens = taught.vocabulary.to_json().encode()
    facts: dict[str, Any] = {
        "name": name,
        "format": FORMAT,
        "form": "encoder",
        "kind": taught.kind.value,
        "labels": list(taught.labels),
        "sha256": {GRAPH: sha256_hex(graph), TOKENS: sha256_hex(tokens)},
    }
    facts["version"] = f"{name}@{sha256_hex(json.dumps(facts, sort_keys=True).encode())[:12]}"
    replace(folder / GRAPH, graph)
    replace(folder / TOKENS, tokens)
    replace(folder / FACTS, json_bytes(facts | {"notes": notes}))
    return parity(taught, folder, probe)


def parity(taught: Taught, folder: Path, probe: Sequence[str]) -> Parity:
    """Compare the folder with the network."""
    network, served = taught.logits(probe), Encoder.load(folder).logits(probe)
    apart = np.abs(network - served)
    return Parity(len(probe), float(apart.mean()), float(apart.max()), float(((network > 0) == (served > 0)).mean()))


def graph_of(judge: Judge) -> bytes:
    """The network as an ONNX graph: `letters` and `accents` (batch, length), int64, to `scores` (batch, labels)."""
    letters = torch.tensor([[2, 7, 8, 9, 3], [2, 7, 3, 0, 0]])
    return traced(judge, {"letters": letters, "accents": torch.zeros_like(letters)})


def traced(network: nn.Module, given: dict[str, Tensor]) -> bytes:
    """An ONNX graph from named inputs (batch, length) to `scores` (batch, labels); both sizes stay free."""
    out = io.BytesIO()
    network.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own old age, and of constants in the network's code
        torch.onnx.export(
            network,
            tuple(given.values()),
            out,
            input_names=list(given),
            output_names=["scores"],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in given} | {"scores": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    return out.getvalue()


class Plain(nn.Module):
    """A classifier of the transformers library with plain tensors in and out."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """(B, L) each to (B, labels)."""
        more = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        scores: Tensor = self.network(input_ids=input_ids, attention_mask=attention_mask, **more).logits
        return scores


def quantised(graph: bytes) -> bytes:
    """Weights of matrices as int8 by column, of the embedding table as int8; sums in 32 bits, the rest as it was."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # after `classifiers.ort`, which silences it

    root = logging.getLogger()
    level = root.level
    with tempfile.TemporaryDirectory() as scratch:
        before, after = Path(scratch) / "float.onnx", Path(scratch) / "int8.onnx"
        onnx.save(onnx.load_from_string(graph), str(before))
        root.setLevel(logging.ERROR)  # the quantiser recommends a step that the exporter has done
        try:
            quantize_dynamic(before, after, per_channel=True, weight_type=QuantType.QInt8)
        finally:
            root.setLevel(level)
        return after.read_bytes()
