"""The documentation builds strictly, every link within it leads somewhere, and it asks nobody else's server."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from playwright.sync_api import expect, sync_playwright
from typing_extensions import override

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
CHROMIUM: Final = Path("/usr/bin/chromium")
BLOCK: Final = re.compile(
    r"(?P<mark><!-- run: (?P<name>[a-z ]+) -->\n)?```(?P<language>[a-z]*)\n(?P<code>.*?)```", re.DOTALL
)
MKDOCS: Final = shutil.which("mkdocs", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
built: Final = pytest.mark.skipif(MKDOCS is None, reason="mkdocs is not installed: uv sync --group docs")


class Silent(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    @override
    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Page(HTMLParser):
    """What a page links to, loads, and can be linked to."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    identifiers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value for name, value in attrs if value}
        self.identifiers += [found["id"]] if "id" in found else []
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") in {"stylesheet", "preconnect", "icon", "preload", "prefetch"}:
            self.loads.append(found["href"])
        elif "src" in found:
            self.loads.append(found["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [str(MKDOCS), "build", "--strict", "--config-file", str(ROOT / "mkdocs.yml"), "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    found = {}
    for path in site.rglob("*.html"):
        found[path] = Page()
        found[path].feed(path.read_text(encoding="utf-8"))
    return found


def inner_links(pages: dict[Path, Page]) -> Iterator[tuple[Path, Path, str]]:
    """From which page, to which file, and to which place in it."""
    for path, page in pages.items():
        # The page for missing addresses is served everywhere, so its links begin at the site's own address.
        if path.name == "404.html":
            continue
        for link in page.links:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc:
                yield path, (path.parent / unquote(parts.path)).resolve() if parts.path else path, parts.fragment


@built
def test_every_link_within_the_documentation_leads_to_a_page_and_a_place_in_it(pages: dict[Path, Page]) -> None:
    broken = []
    for origin, target, fragment in inner_links(pages):
        file = target / "index.html" if target.is_dir() else target
        if not file.exists() or (fragment and file in pages and unquote(fragment) not in pages[file].anchors):
            broken.append(f"{origin.name}: {target.name}#{fragment}")
    assert not broken


@built
def test_no_page_loads_anything_from_somebody_elses_server(pages: dict[Path, Page], site: Path) -> None:
    assert len(pages) > 20
    foreign = {load for page in pages.values() for load in page.loads if urlsplit(load).netloc}
    assert not foreign
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert not re.search(r"(@import|url\()[\"' ]*(https?:)?//", styles)


@built
def test_no_page_gives_the_same_name_to_two_places(pages: dict[Path, Page]) -> None:
    twice = {
        (path.name, each)
        for path, page in pages.items()
        for each in page.identifiers
        if page.identifiers.count(each) > 1
    }
    assert not twice


@built
def test_generated_pages_are_listed_by_their_titles(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    for title in ("The fields of a ChatCluster", "The HTTP API", "The socket", "What the operator says"):
        assert title in first


@built
def test_every_page_can_be_reached_from_the_first(pages: dict[Path, Page], site: Path) -> None:
    ways: dict[Path, set[Path]] = {}
    for origin, target, _ in inner_links(pages):
        ways.setdefault(origin, set()).add(target)
    seen: set[Path] = set()
    waiting = [site / "index.html"]
    while waiting:
        page = waiting.pop()
        if page not in seen:
            seen.add(page)
            waiting.extend(ways.get(page, ()))
    assert {path for path in pages if path.name != "404.html"} <= seen


@built
def test_the_calculator_and_its_figures_are_part_of_the_site(site: Path) -> None:
    page = (site / "sizing.html").read_text(encoding="utf-8")
    (figures,) = re.findall(r'data-constants="([^"]+)"', page)
    assert (site / figures).exists()
    assert "javascripts/sizing.js" in page
    assert not list(site.rglob("*.py")), "hooks are no part of the site"


@built
@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium")
def test_the_calculator_answers_in_a_browser_and_names_what_is_wrong(site: Path) -> None:
    handler = functools.partial(Silent, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = chromium.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"http://127.0.0.1:{server.server_port}/sizing.html")
        result = page.locator("#sizing-result")
        expect(result).to_contain_text("6 pods")
        page.fill("input[name=members]", "10")
        expect(result).to_contain_text("10 pods")
        page.fill("input[name=members]", "1")
        expect(result).to_have_text("members must be a whole number from 2 to 500")
        chromium.close()
        server.shutdown()
    assert faults == []


def test_every_command_of_the_quick_start_is_marked_with_a_name_of_its_own() -> None:
    blocks = list(BLOCK.finditer((DOCS / "quick-start.md").read_text(encoding="utf-8")))
    names = [block["name"] for block in blocks]
    assert all(names), "a block without a mark is run by no test"
    assert len(set(names)) == len(names)
    assert {"quick start laptop", "quick start kubernetes", "quick start three commands"} <= set(names)
    assert {block["language"] for block in blocks} == {"sh"}


@pytest.mark.parametrize("page", ["failures.md", "security.md", "operations"])
def test_every_proof_that_a_page_names_is_a_test(page: str) -> None:
    path = DOCS / page
    texts = [each.read_text(encoding="utf-8") for each in ([path] if path.is_file() else path.glob("*.md"))]
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", "".join(texts)))
    assert named
    tests = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("services/tests", "operator/tests", "e2e/tests")
        for file in (ROOT / folder).rglob("test_*.py")
    )
    assert {name for name in named if f"def {name}(" not in tests} == set()


def test_the_documentation_has_no_dependency_beyond_its_theme() -> None:
    configuration = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert configuration["strict"] is True
    assert configuration["theme"]["font"] is False
    assert configuration["plugins"] == ["search"]
