"""Benchmarks and quality floors: every stage on inputs that it makes itself, and what each classifier must not fall below."""
