"""How public pages and exported posts come in: spiders, captures, importers.

Knows the words of `rasoat/` and its ports. Must not know what is done with an item, who judges it, or where it is kept.
"""
