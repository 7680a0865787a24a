"""Importers: files that a person exported become items, through one typed mapper a format.

Owns reading (formats, encodings, archives), mapping and the sealing of raw records. Knows nothing of classifiers,
storage or pages: it is handed an inbox and an evidence store.
"""

from crawlers.importers.registry import MAPPERS
from crawlers.importers.remapping import RemapReport, remap
from crawlers.importers.report import FillRate, ImportProgress, ImportReport
from crawlers.importers.run import import_file

__all__ = ["MAPPERS", "FillRate", "ImportProgress", "ImportReport", "RemapReport", "import_file", "remap"]
