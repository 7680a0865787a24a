"""Rà Soát: the words of the domain. Knows nothing of Scrapy, Prefect, FastAPI or torch."""

__version__ = "0.1.0"
USER_AGENT = f"RaSoat/{__version__} (+content review for Vietnamese; obeys robots.txt)"
