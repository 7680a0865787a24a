"""Our own corpus: grammars (`data/training/corpus/`) and the code that writes texts from them, the same for the same seed.

No text of a real person, no real number, brand or link.
`Grammar`, `generate` and `load_grammars` are the older form, kept while others move.
"""

from classifiers.training.corpus.corpus import Corpus, load_corpus
from classifiers.training.corpus.generate import Grammar, generate, load_grammars

__all__ = ["Corpus", "Grammar", "generate", "load_corpus", "load_grammars"]
