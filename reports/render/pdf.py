"""ReportDocument -> PDF by WeasyPrint. With its line setting in cjk.py the only room that may import WeasyPrint, and only when a
report is rendered: a process that never renders never loads it."""

from __future__ import annotations

import atexit
import gc
import hashlib
import io
import logging
import os
import re
import resource
import shutil
import tempfile
import threading
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.conf import settings
from django.utils.translation import gettext as _

from reports.document import ReportDocument
from reports.render import fonts, html, letterhead
from reports.render.pages import VARIANT, Enclosed, Pages
from reports.render.printable import MissingGlyph, printable
from reports.verification import mark_of

HERE = Path(__file__).resolve().parent
CSS_FILE = "css/print.css"
KEPT_ANNEXES = 8
KEPT_CELLS = 4_000  # an annex with more cells is not kept: its layout holds about 20 KB a cell
STEPS = 4
CHILD_ADDRESS_SPACE = 1_500_000_000  # bytes: a child that runs wild gets a MemoryError and does not take the machine along
log = logging.getLogger("township.render")


class RenderError(RuntimeError):
    """The report could not be rendered; the message is fit for the user."""


@dataclass(frozen=True)
class RenderedPdf:
    """A finished PDF: its bytes, its number of pages, and the characters that it shows as 〓 because no font has them."""

    data: bytes
    pages: int
    missing: tuple[MissingGlyph, ...] = ()


def _version() -> str:
    """Return a name that changes whenever equal content could print differently: sources, style, fonts, WeasyPrint."""
    base = Path(settings.BASE_DIR)
    templates = sorted((base / "templates" / "reports" / "print").glob("*.html"))
    ours = [base / "reports" / "verification.py", *sorted((base / "metrics" / "workbooks").glob("*.py"))]
    sources = [*sorted(HERE.glob("*.py")), *ours, *templates, *_css_paths(), *base.glob("fonts.lock")]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return f"pdf-{version('weasyprint')}-{digest[:12]}"


def _css_paths() -> list[Path]:
    return [Path(settings.BASE_DIR) / "static" / name for name in (CSS_FILE, letterhead.CSS_FILE)]


def stylesheet_text() -> str:
    """Return the CSS of every sheet that a report is printed with."""
    return "".join(path.read_text(encoding="utf-8") for path in _css_paths())


RENDERER_VERSION = _version()


def limit_process(*, memory_bytes: int = CHILD_ADDRESS_SPACE) -> None:
    """Bound this process's address space (RLIMIT_AS), so that a runaway layout ends in MemoryError, not in the machine's swap.

    For the worker's child only; CPU time is bounded by the task's time limit. A lower limit in force stays.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bounds = [value for value in (memory_bytes, soft, hard) if value != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(bounds), hard))


def render_pdf(
    document: ReportDocument, *, progress=lambda done, total: None, enclosed: tuple[Enclosed, ...] = ()
) -> RenderedPdf:
    """Return the report as tagged PDF/UA-1, with `enclosed` files as tagged PDF/A-3u; equal documents give equal bytes.

    `progress(done, total)` is called after each of 4 steps. Raises fonts.FontsMissing, html.ReportRefused or RenderError.
    """
    shown, missing = printable(document)
    pages = Pages(shown, mark_of(document), enclosed)
    progress(1, STEPS)
    engine = _engine()
    with engine.quiet() as unshown, _told_errors():
        data, count = engine.print(pages, lambda done: progress(done, STEPS))
    progress(STEPS, STEPS)
    return RenderedPdf(data, count, missing + _unexpected(unshown))


def render_form(page: str, css: str) -> RenderedPdf:
    """Return an HTML page of ours, with its own style, as tagged PDF/UA-1 under the report's fonts, fetcher and bounds.

    `css` may name the roles of fonts as var(--song) does. Raises fonts.FontsMissing, html.ReportRefused or RenderError.
    """
    html.check_html(page)
    engine = _engine()
    with engine.quiet() as unshown, _told_errors():
        data, count = engine.print_form(page, fonts.with_families(css))
    return RenderedPdf(data, count, _unexpected(unshown))


@contextmanager
def _told_errors():
    try:
        yield
    except RecursionError as error:
        raise RenderError(_("The report nests too deeply to print.")) from error
    except MemoryError as error:
        raise RenderError(_("The report needs more memory than printing may use.")) from error
    except BaseException as error:
        if type(error).__name__ != "FatalURLFetchingError":
            raise
        raise RenderError(_("The report refers to a file or address outside itself.")) from error


def _unexpected(messages: list[str]) -> tuple[MissingGlyph, ...]:
    """Return what WeasyPrint itself reported as missing: a net below `printable`, normally empty."""
    points = dict.fromkeys(point for message in messages for point in re.findall(r"\(U\+([0-9A-F]{4,6})\)", message))
    return tuple(MissingGlyph(chr(int(point, 16)), f"U+{point}", "") for point in points)


@contextmanager
def _own_fonts_only():
    """Let fontconfig see no font of the machine: what prints comes from FONTS_DIR alone, everywhere the same."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(HERE / "fontconfig.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before


@contextmanager
def _no_gc():
    """Layout makes millions of small live objects; collecting once afterwards is a fifth faster."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
        gc.collect()


_built: _Engine | None = None
_building = threading.Lock()


def _engine() -> _Engine:
    """Return this process's engine, built on first use: one font configuration, one parsed stylesheet."""
    global _built
    with _building:
        if _built is None or _built.pid != os.getpid():
            _built = _Engine()
        return _built


class _Engine:
    """WeasyPrint, warm: one render at a time, annex layouts kept by content."""

    def __init__(self):
        files = fonts.font_paths()
        with _own_fonts_only(), _silenced_font_warning():
            import weasyprint
            from weasyprint.text.ffi import harfbuzz_subset

            from reports.render import cjk

            cjk.install()
            self.pid = os.getpid()
            self.lock = threading.Lock()
            self.weasyprint = weasyprint
            self.font_config = _font_configuration()
        allowed = frozenset(path.resolve().as_uri() for path in files.values())
        self.css = weasyprint.CSS(
            string=fonts.stylesheet(stylesheet_text()),
            font_config=self.font_config,
            url_fetcher=deny_fetcher(allowed),
        )
        self.kept: OrderedDict[str, object] = OrderedDict()
        self.reused = 0
        if harfbuzz_subset is None:
            log.warning("libharfbuzz-subset0 is not installed: PDF export takes several times longer. Run script/setup.")

    def print(self, pages: Pages, progress) -> tuple[bytes, int]:
        """Return the PDF of body and annexes as one document, page numbers running on, and how many pages it has.

        No file identifier: for its hash the writer would compress everything a second time.
        """
        with self.lock, _no_gc():
            layout = self._lay_out(pages, progress)
            enclosed = [self._attachment(file, pages.created) for file in pages.enclosed]
            options = {"pdf_tags": True, "pdf_identifier": True, "attachments": enclosed} if enclosed else {}
            return layout.write_pdf(pdf_variant=pages.variant, finisher=_once_each, **options), len(layout.pages)

    def _attachment(self, file: Enclosed, at: datetime):
        return self.weasyprint.Attachment(
            file_obj=io.BytesIO(file.data), name=file.name, description=file.description, relationship=file.relationship,
            created=at, modified=at, url_fetcher=deny_fetcher(frozenset()),
        )  # fmt: skip

    def print_form(self, page: str, css: str) -> tuple[bytes, int]:
        """Return the PDF of a page that is no report, and how many pages it has."""
        fetcher = deny_fetcher(frozenset())
        with self.lock, _no_gc():
            own = self.weasyprint.CSS(string=css, font_config=self.font_config, url_fetcher=fetcher)
            source = self.weasyprint.HTML(string=page, url_fetcher=fetcher)
            layout = source.render(font_config=self.font_config, stylesheets=[own], pdf_variant=VARIANT)
            return layout.write_pdf(pdf_variant=VARIANT), len(layout.pages)

    def _lay_out(self, pages: Pages, progress):
        body = self._render(pages.body, pages.body_rules, pages.variant)
        progress(2)
        if not pages.annexes:
            progress(3)
            return body
        annexes = self._annexes(pages, len(body.pages) + 1)
        progress(3)
        laid_out = [*body.pages, *annexes.pages]
        if closing := pages.closing(len(laid_out)):
            laid_out += self._render(closing, pages.rules + letterhead.closing_rules(len(laid_out)), pages.variant).pages
        return body.copy(laid_out)

    def _annexes(self, pages: Pages, first: int):
        key = hashlib.sha256("\0".join((str(first), pages.variant, pages.rules, pages.annexes)).encode()).hexdigest()
        if key in self.kept:
            self.kept.move_to_end(key)
            self.reused += 1
            return self.kept[key]
        side = "right" if first % 2 else "left"
        offset = f"@page:first{{counter-reset:page {first}}}html{{break-before:{side}}}.annex:first-child{{break-before:auto}}"
        laid_out = self._render(pages.annexes, pages.rules + offset, pages.variant)
        if pages.cells <= KEPT_CELLS:
            self.kept[key] = laid_out
        while len(self.kept) > KEPT_ANNEXES:
            self.kept.popitem(last=False)
        return laid_out

    def _render(self, page: str, rules: str, variant: str = VARIANT):
        fetcher = deny_fetcher(frozenset())
        own = self.weasyprint.CSS(string=rules, font_config=self.font_config, url_fetcher=fetcher)
        source = self.weasyprint.HTML(string=page, url_fetcher=fetcher)
        return source.render(font_config=self.font_config, stylesheets=[self.css, own], pdf_variant=variant)

    @contextmanager
    def quiet(self):
        """Collect WeasyPrint's warnings instead of printing them; yield the list of those about missing glyphs."""
        heard: list[str] = []
        ear = _Ear(heard)
        logger = logging.getLogger("weasyprint")
        logger.addHandler(ear)
        try:
            yield heard
        finally:
            logger.removeHandler(ear)


def _once_each(_document, pdf) -> None:
    """WeasyPrint lists every enclosed file twice among the associated files."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])


class _Ear(logging.Handler):
    def __init__(self, heard: list[str]):
        super().__init__(logging.WARNING)
        self.heard = heard

    def emit(self, record):
        message = record.getMessage()
        if ".notdef" in message:
            self.heard.append(message)
        else:
            log.warning("WeasyPrint: %s", message)


@contextmanager
def _silenced_font_warning():
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No fonts configured in FontConfig")
        yield


def deny_fetcher(allowed: frozenset[str]):
    """Return a fetcher that reads the allowed file: URLs and ends the whole render at any other URL."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class DenyAll(URLFetcher):
        def fetch(self, url, headers=None):
            if url not in allowed:
                raise FatalURLFetchingError(f"refused: {url[:200]}")
            return URLFetcherResponse(url, _path(url).read_bytes())

    return DenyAll(fail_on_errors=True)


def _path(url: str) -> Path:
    return Path(url2pathname(urlsplit(url).path))


NARROWED = """<fontconfig><match target="scan"><test name="file" compare="eq"><string>{file}</string></test>
<edit name="charset" mode="assign_replace"><charset><range><int>{first}</int><int>{last}</int></range></charset></edit>
</match></fontconfig>"""


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _font_configuration():
    """Return a FontConfiguration that differs from WeasyPrint's in two points.

    Its temporary folder holds links to the font files instead of 160 MB of copies, which a killed worker would leave behind.
    And a unicode-range already counts when fonts are sorted: else fontconfig drops a later face, such as the whole of the
    same font, for adding no characters.
    """
    from weasyprint.text.ffi import fontconfig
    from weasyprint.text.fonts import FontConfiguration

    class LinkedFonts(FontConfiguration):
        def add_font_face(self, rule_descriptors, url_fetcher):
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="township-fonts-"))
                atexit.register(_remove, self._folder, os.getpid())
            name = hashlib.md5(str(rule_descriptors).encode(), usedforsecurity=False).hexdigest()
            copy = self._folder / name
            for reach in rule_descriptors.get("unicode_range", ()):
                rule = NARROWED.format(file=copy.as_posix(), first=hex(reach.start), last=hex(reach.end))
                fontconfig.FcConfigParseAndLoadFromMemory(self._config, rule.encode(), True)
            super().add_font_face(rule_descriptors, url_fetcher)
            if copy.is_file() and not copy.is_symlink():
                _kind, url = rule_descriptors["src"][0]
                copy.unlink()
                copy.symlink_to(_path(url))

    return LinkedFonts()
