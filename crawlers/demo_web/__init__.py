"""The demo web: fictional sites under `.example`, rendered from `data/demo/sites/` and served on loopback as a proxy.

`data/demo/README.md` says how a site is written.
"""

from crawlers.demo_web.rendering import Page, prose, render
from crawlers.demo_web.serving import DemoWeb
from crawlers.demo_web.sites import Entry, Site, load_sites

__all__ = ["DemoWeb", "Entry", "Page", "Site", "load_sites", "prose", "render"]
