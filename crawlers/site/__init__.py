"""The generic site spider: Scrapy's engine around our own frontier, robots rules and network guard."""
