"""The parts of `bench.faults`: made-up items, seeded plans, processes that are hurt, servers of their own, and the verdict."""
