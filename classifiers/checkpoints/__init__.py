"""Any Hugging Face checkpoint in the encoder's place: reads local folders, fine-tunes, exports, serves. Nothing is fetched or unpickled.

Serving (`served`, `pieces`) never imports torch or transformers; `tuning` does. Must not know rules, policy or thresholds.
"""

from classifiers.checkpoints.served import Checkpoint, Scorer, load_scorer

__all__ = ["Checkpoint", "Scorer", "load_scorer"]
