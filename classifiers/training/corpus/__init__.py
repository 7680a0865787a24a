"""Our own corpus: grammars (YAML) and the code that writes texts from them, the same ones for the same seed. No text of a real person."""

from classifiers.training.corpus.generate import Grammar, generate, load_grammars

__all__ = ["Grammar", "generate", "load_grammars"]
