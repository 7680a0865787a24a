"""The network: a pre-norm encoder with rotary positions and gated feed-forward layers, in the shape of ModernBERT (Warner et al. 2024,
arXiv 2412.13663) at a hundredth of its size: all layers see the whole window, no biases.

Training only: serving runs the exported graph. Shapes: B texts, L pieces, D wide, H heads.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifiers.transformer.tokens import PAD

_FAR: Final = -1e4
"""Added to the score of a place that is `PAD`: nothing is left of it after the softmax, in half precision too."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network. `letters`: rows of bare pieces; `rows`: all rows of the table (see `Vocabulary`)."""

    letters: int
    rows: int
    layers: int = 4
    width: int = 256
    heads: int = 4
    inner: int = 512  # of the gated layer: as many weights as a plain one of 768

    def to_dict(self) -> dict[str, int]:
        """For a checkpoint."""
        return asdict(self)


def rotation(length: int, size: int, base: float = 10_000.0) -> tuple[Tensor, Tensor]:
    """Cosines and sines (L, size) of rotary positions (Su et al. 2021, arXiv 2104.09864), by the fourth root of the size: what is turned
    by them on both sides of a product comes out scaled as attention wants it."""
    steps = base ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
    angles = torch.outer(torch.arange(length, dtype=torch.float32), steps)
    both = torch.cat([angles, angles], dim=-1)
    return both.cos() * size**-0.25, both.sin() * size**-0.25


def rotated(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Each pair of coordinates turned by its position's angle."""
    half = x.shape[-1] // 2
    return x * cosines.to(x.dtype) + torch.cat([-x[..., half:], x[..., :half]], dim=-1) * sines.to(x.dtype)


class Drop(nn.Module):
    """Dropout whose share is rounded to 256ths: one random byte a number costs a tenth of what `nn.Dropout` takes on a processor."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.lost = round(share * 256)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape. Draws from torch's generator, so that a seed decides."""
        if not self.training or not self.lost:
            return x
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= self.lost
        return x * kept.to(x.dtype).mul_(256 / (256 - self.lost))


class Layer(nn.Module):
    """Attention, then a gated feed-forward layer (GeGLU, Shazeer 2020), each added to what came in."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.shape = shape
        self.before_attention = nn.LayerNorm(shape.width, bias=False)
        self.mix = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.joined = nn.Linear(shape.width, shape.width, bias=False)
        self.before_inner = nn.LayerNorm(shape.width, bias=False)
        self.inner = nn.Linear(shape.width, 2 * shape.inner, bias=False)
        self.outer = nn.Linear(shape.inner, shape.width, bias=False)
        self.drop = Drop(dropout)

    def forward(self, x: Tensor, mask: Tensor | None, turn: tuple[Tensor, Tensor], size: tuple[int, int]) -> Tensor:
        """(B, L, D) to (B, L, D). `mask`: (B, 1, 1, L), 0 where there is a piece, else very low; None where every place is one."""
        heads, width = self.shape.heads, self.shape.width
        mixed = self.mix(self.before_attention(x)).view(*size, 3 * heads, width // heads).transpose(1, 2)
        q, k = rotated(mixed[:, : 2 * heads], *turn).split(heads, dim=1)
        seen = attended(q, k, mixed[:, 2 * heads :], mask).transpose(1, 2).reshape(*size, width)
        x = x + self.drop(self.joined(seen))
        gate, value = self.inner(self.before_inner(x)).split(self.shape.inner, dim=-1)
        return x + self.drop(self.outer(functional.gelu(gate) * value))


def attended(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """(B, H, L, D/H) three times to one. Written out: torch's own takes longer here, and the exported graph is a third smaller."""
    seen = q @ k.transpose(-1, -2)
    return cast(Tensor, (seen if mask is None else seen + mask).softmax(dim=-1).to(v.dtype) @ v)


class Network(nn.Module):
    """Embedding, layers, last norm."""

    cosines: Tensor
    sines: Tensor

    def __init__(self, shape: Shape, *, dropout: float = 0.0, longest: int = 512) -> None:
        super().__init__()
        self.shape = shape
        self.table = nn.Embedding(shape.rows, shape.width)
        nn.init.normal_(self.table.weight, std=0.02)
        self.first = nn.LayerNorm(shape.width, bias=False)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.last = nn.LayerNorm(shape.width, bias=False)
        self.drop = Drop(dropout)
        cosines, sines = rotation(longest, shape.width // shape.heads)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)
        for name, weight in self.named_parameters():
            if name.endswith((".mix.weight", ".inner.weight")):
                nn.init.normal_(weight, std=0.02)
            elif name.endswith((".joined.weight", ".outer.weight")):
                nn.init.normal_(weight, std=0.02 / (2 * shape.layers) ** 0.5)  # GPT-2's: what is added stays small at the start

    def embedded(self, letters: Tensor, accents: Tensor) -> Tensor:
        """(B, L, D): the row of the bare piece and the row of its accented form."""
        if self.training:  # one look-up: the gradient of each would be as large as the table
            x: Tensor = self.table(torch.stack([letters, accents + self.shape.letters])).sum(dim=0)
        else:
            x = self.table(letters) + self.table(accents + self.shape.letters)
        return cast(Tensor, self.drop(self.first(x)))

    def forward(self, letters: Tensor, accents: Tensor, *, filled: bool = False) -> Tensor:
        """(B, L) twice to (B, L, D). `filled`: no place is `PAD`, so that no mask is needed."""
        size = (letters.shape[0], letters.shape[1])
        mask = None if filled else (letters == PAD)[:, None, None, :].float() * _FAR
        turn = self.cosines[: size[1]], self.sines[: size[1]]
        x = self.embedded(letters, accents)
        for layer in self.layers:
            x = layer(x, mask, turn, size)
        return cast(Tensor, self.last(x))


class Guesser(nn.Module):
    """For pre-training: which accented (or bare) piece stands at a place. Shares the table."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.turn = nn.Linear(network.shape.width, network.shape.width, bias=False)
        self.norm = nn.LayerNorm(network.shape.width, bias=False)
        self.bias = nn.Parameter(torch.zeros(network.shape.rows))

    def forward(self, states: Tensor) -> Tensor:
        """(places, D) to (places, rows)."""
        return functional.linear(self.norm(functional.gelu(self.turn(states))), self.network.table.weight, self.bias)


class Judge(nn.Module):
    """The network with one score a label, from the mean and the maximum over all pieces of a window."""

    def __init__(self, network: Network, labels: int, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.network = network
        self.drop = Drop(dropout)
        self.head = nn.Linear(2 * network.shape.width, labels)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, letters: Tensor, accents: Tensor) -> Tensor:
        """(B, L) twice to (B, labels)."""
        return cast(Tensor, self.head(self.drop(self.pooled(letters, accents))))

    def pooled(self, letters: Tensor, accents: Tensor) -> Tensor:
        """(B, 2 D)."""
        states = self.network(letters, accents)
        there = (letters != PAD).unsqueeze(-1)
        mean = (states * there).sum(dim=1) / there.sum(dim=1)
        peak = states.masked_fill(~there, -1e4).amax(dim=1)
        return torch.cat([mean.to(peak.dtype), peak], dim=-1)


def state(network: nn.Module) -> dict[str, Any]:
    """The weights as plain tensors on the processor."""
    return {name: weight.detach().cpu().float().contiguous() for name, weight in network.state_dict().items()}
