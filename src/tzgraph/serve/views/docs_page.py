"""The documentation as pages: the Markdown of the folder ``docs``, with links that hold here.

What it links outside that folder, such as modules, is no part of an installed package, so it is
named and not linked. Raw HTML in it would be shown as text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from tzgraph.resources import shipped
from tzgraph.serve.views.pages import Pages

__all__ = ["DocsPage", "docs_files", "docs_page", "read_docs"]

#: What the folders hold, in the order in which one needs them.
_FOLDERS = {
    "how-to": "How-to guides",
    "reference": "Reference",
    "explanation": "Explanation",
    "decisions": "Decisions",
}
_MOST_CONTENTS = 40
#: What is left out of the anchor of a heading, as forges do.
_NO_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class DocsPage:
    """A page of the documentation.

    :ivar title: its first heading
    :ivar html: all of it
    :ivar contents: anchors and titles of its sections
    """

    title: str
    html: Markup
    contents: Sequence[tuple[str, str]] = ()


@cache
def docs_files() -> Mapping[str, Path]:
    """Give the files of the documentation by their paths below its folder."""
    folder = shipped("docs")
    files = (path for path in folder.rglob("*") if path.suffix in (".md", ".svg"))
    return {path.relative_to(folder).as_posix(): path for path in sorted(files)}


@lru_cache(maxsize=128)
def read_docs(name: str) -> DocsPage | None:
    """Give the page of a path such as ``how-to/add-facts``, ``None`` if there is none.

    A folder has a page that lists its pages; the page of nothing is the first one.
    """
    files = docs_files()
    name = name.strip("/")
    if name in _FOLDERS:
        return _listing(name)
    file = f"{name or 'index'}.md"
    return _rendered(file, files[file].read_text(encoding="utf-8")) if file in files else None


def docs_page(pages: Pages, name: str, page: DocsPage) -> str:
    """Give a page with its frame; threads may call this.

    :param name: its path
    """
    folder = name.partition("/")[0] if "/" in name else ""
    return pages.render(
        "docs.html",
        page=page,
        folder=(folder, _FOLDERS[folder]) if folder in _FOLDERS else None,
        is_first=name.strip("/") in ("", "index"),
        folders=_FOLDERS,
    )


def _listing(folder: str) -> DocsPage:
    lines = [f"# {_FOLDERS[folder]}", ""]
    for file, path in docs_files().items():
        if file.startswith(f"{folder}/") and file.endswith(".md"):
            first = path.read_text(encoding="utf-8").partition("\n")[0]
            lines.append(f"- [{first.lstrip('# ')}]({file.removeprefix(f'{folder}/')})")
    return _rendered(f"{folder}/index.md", "\n".join(lines))


def _rendered(file: str, text: str) -> DocsPage:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    headings = list(_anchored(tokens))
    tables = 0
    for token in tokens:
        for inline in token.children or ():
            _lead(inline, file)
        if token.type in ("th_open", "td_open") and token.attrs.pop("style", ""):
            token.attrSet("class", "number")
        elif token.type == "table_open":
            tables += 1
            token.meta["label"] = f"Table {tables}"
    for kind, rule in _RULES.items():
        markdown.add_render_rule(kind, rule)
    html = markdown.renderer.render(tokens, markdown.options, {})
    title = next((title for level, _, title in headings if level == "h1"), file)
    contents = [(anchor, title) for level, anchor, title in headings if level == "h2"]
    # The renderer escapes all text, and the source is a file of the package.
    return DocsPage(title, Markup(html), contents[:_MOST_CONTENTS])  # noqa: S704


def _anchored(tokens: Sequence[Token]) -> Iterator[tuple[str, str, str]]:
    """Give headings their anchors; and give level, anchor and title of each."""
    used: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        anchor = _NO_ANCHOR.sub("", inline.content).lower().replace(" ", "-")
        number = used[anchor] = used.get(anchor, -1) + 1
        anchor = f"{anchor}-{number}" if number else anchor
        opening.attrSet("id", anchor)
        yield opening.tag, anchor, "".join(one.content for one in inline.children or ())


def _lead(token: Token, file: str) -> None:
    """Let a link or picture lead to where its target is here."""
    name = {"link_open": "href", "image": "src"}.get(token.type)
    if name is None:
        return
    target = str(token.attrs[name])
    path = _path(target, file)
    if path is None:
        token.attrs.pop(name)
        token.attrSet("title", target)
    else:
        token.attrSet(name, path)
        if not path.startswith(("/", "#")):
            token.attrSet("rel", "noreferrer")


def _path(target: str, file: str) -> str | None:
    """Give the address of a target, ``None`` if it is not served."""
    parts = urlsplit(target)
    if parts.scheme or not parts.path:
        return target
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), unquote(parts.path)))
    if path not in docs_files() and path not in _FOLDERS:
        return None
    anchor = f"#{parts.fragment}" if parts.fragment else ""
    return f"/docs/{path.removesuffix('.md')}{anchor}"


def _table_open(_self: object, tokens: Sequence[Token], at: int, *_: object) -> str:
    label = tokens[at].meta["label"]
    return f'<div class="scroll" role="region" aria-label="{label}" tabindex="0">\n<table>\n'


def _table_close(*_: object) -> str:
    return "</table>\n</div>\n"


def _code(_self: object, tokens: Sequence[Token], at: int, *_: object) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[at].content)}</code></pre>\n'


_RULES: Mapping[str, Callable[..., str]] = {
    "fence": _code,
    "code_block": _code,
    "table_open": _table_open,
    "table_close": _table_close,
}
