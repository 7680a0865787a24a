"""Makes `data/training/wiki.jsonl.gz` from a plain-text dump of the Vietnamese Wikipedia. Run by hand, once per new edition:

    python -m classifiers.transformer.wiki RAW/wiki.jsonl.gz data/training

Chooses for variety: no stubs from one mould, at most `MOST` characters of an article. The same input gives the same bytes.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

MOST: Final = 6_000
"""Characters of one article: with it the whole packs to just under 8 MB, and no subject has more than a twenty-five-hundredth part."""
MOULD: Final = 4
"""Articles that may begin alike ("là một loài bướm đêm thuộc họ …"): a mould teaches nothing more after that."""
LEAST: Final = 160
"""Characters of a paragraph, and of an article: shorter ones are captions, tables and lists."""
_TAIL: Final = re.compile(
    r"\n==+ *(?:(?:tham khảo|liên kết ngoài|chú thích|ghi chú|thư mục|xem thêm|đọc thêm|tài liệu tham khảo|chú giải)[^\n=]*|nguồn *)==+.*",
    re.IGNORECASE | re.DOTALL,
)
_MARKED: Final = re.compile(r"[đăâêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]")
_ADDRESS: Final = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+")
_TITLES: Final = "wiki-ATTRIBUTION.txt"
_LICENCE: Final = """Text from the Vietnamese Wikipedia, https://vi.wikipedia.org, by its authors.
Licence: Creative Commons Attribution-ShareAlike 4.0 International, https://creativecommons.org/licenses/by-sa/4.0/
Changed: only some paragraphs of some articles were taken; headings, lists, notes, links and addresses were left out.
The authors of an article are listed under "View history" of https://vi.wikipedia.org/wiki/TITLE, with the titles that follow
(the collection this was taken from kept titles in lower case, and no numbers).

"""


def paragraphs(text: str) -> list[str]:
    """The running text of an article: whole sentences in Vietnamese, without headings, lists, formulas and what follows the notes."""
    text = _TAIL.sub("", unicodedata.normalize("NFC", text).replace("\r", ""))
    kept = (" ".join(_ADDRESS.sub("", line).split()) for line in text.split("\n"))
    return [line for line in kept if _running(line)]


def _running(line: str) -> bool:
    if len(line) < LEAST or line[-1] not in '.!?"”)…:;' or "\\" in line or "{" in line or "Bản mẫu" in line:
        return False
    letters = sum(char.isalpha() for char in line)
    return letters > 0.7 * len(line) and len(_MARKED.findall(line.lower())) > 0.12 * letters


def chosen(lines: list[str], title: str) -> str:
    """Paragraphs in their order, at most `MOST` characters: the first, then those whose hash is lowest."""
    order = sorted(range(1, len(lines)), key=lambda i: sha256(f"{title}:{i}".encode()).digest())
    kept, size = [], 0
    for i in [0, *order]:
        if size + len(lines[i]) <= MOST:
            kept.append(i)
            size += len(lines[i])
    return "\n".join(lines[i] for i in sorted(kept))


def select(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Articles worth reading: enough running text, and few from one mould."""
    moulds: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: row["title"]):
        title, lines = row["title"], paragraphs(row["text"])
        if not lines:
            continue
        opening = re.sub(r"\d+", "0", lines[0].lower().replace(title, "", 1))
        mould = " ".join(re.findall(r"\w+", opening.split(" là ", 1)[-1])[:4])
        text = chosen(lines, title)
        moulds[mould] += 1
        if len(text) >= LEAST and moulds[mould] <= MOULD:
            yield {"title": title, "text": text}


def main(raw: Path, out: Path) -> None:
    """Write the packed file and the list of titles beside it."""
    with gzip.open(raw, "rt", encoding="utf-8") as lines:
        rows = list(select(json.loads(line) for line in lines))
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    (out / "wiki.jsonl.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    (out / _TITLES).write_text(_LICENCE + "".join(f"{row['title']}\n" for row in rows), encoding="utf-8")
    print(f"{len(rows)} articles, {sum(len(row['text']) for row in rows)} characters")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
