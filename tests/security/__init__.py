"""Attacks on the house as a whole, each held against `docs/security.md`."""
