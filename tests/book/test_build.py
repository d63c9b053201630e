"""The book builds without a warning, and its pages ask no other host for anything."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "book").rglob("*.ipynb"))
WIDTHS = (390, 1280)
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def toc_files():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files, todo = [toc["root"]], [*toc["chapters"]]
    while todo:
        entry = todo.pop()
        files.append(entry["file"])
        todo += entry.get("sections", [])
    return files


@pytest.fixture(scope="session")
def built_book(tmp_path_factory):
    """The book, built strictly from a copy, so that nothing is left in the checkout."""
    source = tmp_path_factory.mktemp("book")
    for name in ("_config.yml", "_toc.yml", "intro.md"):
        shutil.copy(ROOT / name, source)
    for name in ("book", "exercises", "assets", "tools"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    start = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "build", str(source), "--all", "--quiet"]
    result = subprocess.run(
        [*command, "-W", "-n", "--keep-going"], capture_output=True, text=True, timeout=300, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return source / "_build" / "html"


def test_every_page_is_in_the_book_and_every_entry_exists(built_book):
    pages = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for path in (ROOT / "book").rglob("*.*")
        if path.suffix in (".ipynb", ".md") and ".ipynb_checkpoints" not in path.parts
    }
    listed = set(toc_files())
    assert pages == {name for name in listed if name.startswith("book/")}
    for name in listed:
        assert (built_book / f"{name}.html").is_file()


def test_the_built_pages_name_no_foreign_script_style_or_font(built_book):
    loads = re.compile(
        r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=["'](https?:)?//[^"']+["'][^>]*>"""
    )
    for page in built_book.rglob("*.html"):
        found = [tag[0] for tag in loads.finditer(page.read_text(encoding="utf-8"))]
        foreign = [tag for tag in found if 'rel="canonical"' not in tag]
        assert not foreign, f"{page.name}: {foreign[:3]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_is_one_question_with_its_figure_described(page):
    notebook = nbformat.read(page, as_version=4)
    title = notebook.cells[0].source.splitlines()[0]
    assert re.fullmatch(r"# .*\?", title), f"the title of a page is one question; this one is {title!r}"
    pictures = [
        output.data["text/html"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "<svg" in output.get("data", {}).get("text/html", "")
    ]
    assert pictures, "a page has a figure"
    assert all(re.search(r'aria-label="[^"]{40,}"', picture) for picture in pictures)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_stores_no_picture_that_cannot_be_compared_and_no_error(page):
    for cell in nbformat.read(page, as_version=4).cells:
        for output in cell.get("outputs", []):
            assert output.output_type in ("stream", "display_data", "execute_result")
            assert output.get("name") != "stderr", "a warning belongs into the text, not on stderr"
            assert not {"image/png", "image/jpeg"} & set(output.get("data", {}))


# --- in a real browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def address(built_book):
    """The built book behind a local server."""
    handler = functools.partial(QuietHandler, directory=str(built_book))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        reason = "no Chromium here; get one with 'apt-get install chromium' (or your system's package)"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}. CI must have it.")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield started
        started.close()


def complaints_of(page, address):
    """A list that fills with what goes wrong on a page: foreign requests, missing files, errors."""
    found = []

    def requested(request):
        if not request.url.startswith((address, "data:", "blob:")):
            found.append(f"asks {request.url}")

    def answered(response):
        if response.status >= 400:
            found.append(f"{response.status} for {response.url}")

    def said(message):
        if message.type == "error":
            found.append(message.text)

    page.on("request", requested)
    page.on("response", answered)
    page.on("console", said)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize("name", toc_files())
def test_a_page_opens_without_a_foreign_request_an_error_or_a_sideways_scroll(browser, address, name):
    for width in WIDTHS:
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark")
        complaints = complaints_of(page, address)
        page.goto(f"{address}/{name}.html", wait_until="networkidle")
        assert not complaints
        overhang = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overhang <= 1, f"{name} is {overhang} px wider than a screen of {width} px"
        page.close()


def test_formulas_are_typeset_from_the_books_own_files(browser, address):
    page = browser.new_page()
    page.goto(f"{address}/book/coupling/wrong_and_confident.html", wait_until="networkidle")
    assert page.locator("mjx-container").count() > 3
    assert page.locator("mjx-merror").count() == 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_text_of_figures_follows_the_theme(browser, address, scheme):
    page = browser.new_page(color_scheme=scheme)
    page.goto(f"{address}/book/activation/sigmoid_and_tanh.html", wait_until="networkidle")
    label = page.locator(".lossact-figure svg text").first
    colour = label.evaluate("element => getComputedStyle(element).fill")
    body = page.evaluate("getComputedStyle(document.body).color")
    assert colour == body
    behind = page.locator(".lossact-figure").first.evaluate(
        "element => getComputedStyle(element.closest('.output')).backgroundColor"
    )
    assert behind in ("rgba(0, 0, 0, 0)", "transparent")
    page.close()
