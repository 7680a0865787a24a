"""Scrapy's settings for one source: polite, quiet, and with every part switched off that we do ourselves or do not want."""

from __future__ import annotations

from typing import Any

from crawlers.site.middleware import NetworkMiddleware, RobotsMiddleware
from crawlers.site.polite import PoliteHandler
from crawlers.site.scheduler import FrontierScheduler
from crawlers.sources import SourceSpec
from rasoat import USER_AGENT

_OFF_DOWNLOADER = (
    "offsite.OffsiteMiddleware",  # scope is checked before an address enters the frontier
    "robotstxt.RobotsTxtMiddleware",  # ours refuses when robots.txt cannot be read, and finds sitemaps in it
    "httpauth.HttpAuthMiddleware",  # no log-ins
    "retry.RetryMiddleware",  # retries wait in the frontier, where they survive a crash
    "redirect.MetaRefreshMiddleware",
    "redirect.RedirectMiddleware",  # each hop is a request of its own, checked like every other
    "httpcompression.HttpCompressionMiddleware",  # the capture keeps the bytes as received
    "cookies.CookiesMiddleware",
    "httpproxy.HttpProxyMiddleware",  # a proxy from the environment would go round the network guard
    "httpcache.HttpCacheMiddleware",
)
_OFF_SPIDER = (
    "start.StartSpiderMiddleware",
    "httperror.HttpErrorMiddleware",
    "referer.RefererMiddleware",
    "urllength.UrlLengthMiddleware",
    "depth.DepthMiddleware",
    "metacopy.MetaCopyDetectionMiddleware",
)
_OFF_EXTENSIONS = (
    "telnet.TelnetConsole",
    "remote_control.RemoteControl",  # a control socket that 2.19 opens by default
    "memusage.MemoryUsage",
    "memdebug.MemoryDebugger",
    "closespider.CloseSpider",
    "feedexport.FeedExporter",
    "logstats.LogStats",
    "spiderstate.SpiderState",
)


def scrapy_settings(spec: SourceSpec) -> dict[str, Any]:
    """The settings of the source's crawler."""
    return {
        "USER_AGENT": USER_AGENT,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8",
            "Accept-Language": "vi,en;q=0.5",
            "Accept-Encoding": "gzip, deflate, br",
        },
        "SCHEDULER": FrontierScheduler,
        "DOWNLOAD_HANDLERS": {"http": PoliteHandler, "https": PoliteHandler},
        "CONCURRENT_REQUESTS": spec.politeness.concurrency * 2,
        "CONCURRENT_REQUESTS_PER_DOMAIN": spec.politeness.concurrency,
        "DOWNLOAD_DELAY": spec.politeness.delay,
        "DOWNLOAD_DELAY_JITTER": 0,  # a delay is a least delay; looking like a person is not our aim
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": spec.politeness.delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(spec.politeness.concurrency),
        "DOWNLOAD_MAXSIZE": spec.limits.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": spec.limits.timeout,
        "DOWNLOADER_MIDDLEWARES": {f"scrapy.downloadermiddlewares.{name}": None for name in _OFF_DOWNLOADER}
        | {RobotsMiddleware: 100, NetworkMiddleware: 200},
        "SPIDER_MIDDLEWARES": {f"scrapy.spidermiddlewares.{name}": None for name in _OFF_SPIDER},
        "EXTENSIONS": {f"scrapy.extensions.{name}": None for name in _OFF_EXTENSIONS},
        "CONCURRENT_ITEMS": 1,  # nothing goes through item pipelines, and Scrapy starts this many tasks for every answer
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "COOKIES_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "LOG_ENABLED": False,
        "STATS_DUMP": False,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
    }
