"""A process that puts items until it is killed: `python -m tests.store.crash_writer HOME`. Says each item that was acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

from rasoat.harms import Harm
from rasoat.settings import Settings
from rasoat.store import open_store
from tests.store.makers import make_assessment, make_item, open_case


def main() -> None:
    """Put, and admit or drop, in turns."""
    with open_store(Settings(home=Path(sys.argv[1]))) as store:
        for n in range(100_000):
            item = make_item(store, str(n), f"một lời bình luận thứ {n}")
            if n % 3 == 0:
                open_case(store, item=item, harm=Harm.GAM)
            else:
                store.inbox.put(item, run_id="run")
                if n % 3 == 1:
                    store.inbox.drop(item, make_assessment(), audit=n % 2 == 0)
            print(item.id, n % 3, flush=True)


if __name__ == "__main__":
    main()
