"""What is kept: inbox, cases and their events, accounts, evidence, the search index. SQL is the truth; everything else is made from it.

Knows the words of `rasoat`; knows no crawler, no classifier and no page. `open_store` is the door.
"""

from rasoat.store.admitting import Flagged
from rasoat.store.store import Store, open_store

__all__ = ["Flagged", "Store", "open_store"]
