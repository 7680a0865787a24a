"""Real Elasticsearch, PostgreSQL and an S3-compatible server on loopback, for tests and for trying out: fetched, started, stopped.

    .venv/bin/python -m scripts.services start | stop | status | env

Everything but the downloads lies in one folder that `stop` removes. Not for production: see docs/shared.md.
"""
