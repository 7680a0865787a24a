"""Our own corpus: grammars (`data/training/corpus/`) and the code that writes texts from them, the same for the same seed.

No text of a real person, no real number, brand or link.
"""

from classifiers.training.corpus.corpus import Corpus, load_corpus

__all__ = ["Corpus", "load_corpus"]
