"""Research recipes: the project's architecture trained on one published set and scored on a file of the same form.

Nothing here is imported by serving, and nothing made here is shipped. See `bench/research.py` and `docs/research.md`.
"""
