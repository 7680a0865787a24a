"""Folding of Vietnamese text for search and matching. Owns no meaning: rules and models sit on top of it."""

from rasoat.text.fold import fold, fold_mapped
from rasoat.text.mapped import Mapped

__all__ = ["Mapped", "fold", "fold_mapped"]
