"""PDFs that people scan and PDFs that attackers make, made here: name -> (file name, bytes)."""

import io
import random

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from tests.metrics.evidence_samples import MARK, SCRIPT, photo, written, zipped


def scan(pages=1, seed=1, **saving) -> bytes:
    """A scan: each page one JPEG."""
    return saved(scanned(pages, seed), **saving)


def scanned(pages=1, seed=1) -> Pdf:
    """The same, still open."""
    pdf = Pdf.new()
    for page in range(pages):
        picture = photo(620, 877, seed=seed + page)
        image = Stream(pdf, written(picture, "JPEG"), Type=Name.XObject, Subtype=Name.Image, Width=620, Height=877)
        image.ColorSpace, image.BitsPerComponent, image.Filter = Name.DeviceRGB, 8, Name.DCTDecode
        contents = Stream(pdf, b"q 595 0 0 842 0 0 cm /Im0 Do Q")
        resources = Dictionary(XObject=Dictionary(Im0=pdf.make_indirect(image)))
        sheet = Dictionary(Type=Name.Page, MediaBox=[0, 0, 595, 842], Resources=resources, Contents=contents)
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(sheet)))
    return pdf


def saved(pdf: Pdf, **values) -> bytes:
    """Return the bytes of an open PDF."""
    target = io.BytesIO()
    pdf.save(target, **values)
    return target.getvalue()


def good_documents() -> dict[str, tuple[str, bytes]]:
    """Twenty documents as scanners, printers to PDF and sealing programs make them."""
    packed = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
    found = {f"scan of {pages}": (f"扫描件{pages}.pdf", scan(pages)) for pages in (1, 2, 3, 7, 20, 60)}
    found |= {
        "packed": ("a.pdf", scan(3, **packed)),
        "linear": ("a.pdf", scan(3, linearize=True)),
        "old version": ("a.PDF", scan(force_version="1.3")),
        "version 2": ("a.pdf", scan(force_version="2.0")),
        "unpacked": ("a.pdf", scan(stream_decode_level=pikepdf.StreamDecodeLevel.generalized, compress_streams=False)),
        "line breaks behind": ("a.pdf", scan() + b"\r\n\r\n"),
        "padded with nulls": ("a.pdf", scan() + b"\0" * 700),
        "no ending": ("扫描", scan()),
        "300 pages": ("a.pdf", _blank(300)),
    }
    makers = {
        "printed page with links": _with_links,
        "opens on a page": _opens_on_a_page,
        "bookmarks": _with_bookmarks,
        "form": _with_form,
        "seal": _with_seal,
        "described": _described,
    }
    for name, make in makers.items():
        pdf = scanned(2)
        make(pdf)
        found[name] = (f"{name}.pdf", saved(pdf))
    return found


def _blank(pages) -> bytes:
    pdf = Pdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    return saved(pdf)


def _annotate(pdf, **values):
    note = pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=[0, 0, 99, 99], **values))
    pdf.pages[0].obj.Annots = Array([note])
    return note


def _with_links(pdf):
    _annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("http://news.example/1.html")))


def _opens_on_a_page(pdf):
    pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])


def _with_bookmarks(pdf):
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("一、工作情况", 0))


def _with_form(pdf):
    field = _annotate(pdf, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("x"))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


def _with_seal(pdf):
    signature = Dictionary(
        Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/adbe.pkcs7.detached"), Contents=String("\0" * 64)
    )
    field = _annotate(pdf, Subtype=Name.Widget, FT=Name.Sig, T=String("seal"), V=pdf.make_indirect(signature))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)


def _described(pdf):
    with pdf.open_metadata() as meta:
        meta["dc:title"] = "检查记录"


# --- hostile documents ----------------------------------------------------------------------------------------------


def hostile_documents() -> dict[str, tuple[str, bytes]]:
    """Sixty and more documents that must not be kept."""
    found = {}
    for name, make in (_openings() | _annotations() | _parts()).items():
        pdf = scanned()
        make(pdf)
        found[f"acts: {name}"] = (f"{name}.pdf", saved(pdf))
    for name, make in _annotations().items():
        pdf = scanned()
        make(pdf)
        found[f"hidden: {name}"] = ("a.pdf", saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate))
    return found | _locked() | _broken() | _glued() | _bombs() | _disguised()


def _script():
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def _openings():
    actions = {
        "script": _script(),
        "launch": Dictionary(S=Name.Launch, F=String("cmd.exe")),
        "web": Dictionary(S=Name.URI, URI=String("http://x.example")),
        "submit": Dictionary(S=Name.SubmitForm, F=String("http://x.example")),
        "other file": Dictionary(S=Name.GoToR, F=String("b.pdf"), D=Array([0])),
        "embedded": Dictionary(S=Name.GoToE, D=Array([0])),
        "named": Dictionary(S=Name.Named, N=Name.Print),
        "import": Dictionary(S=Name.ImportData, F=String("x")),
        "chain": Dictionary(S=Name.GoTo, D=Array([0]), Next=_script()),
    }

    def on_opening(action):
        return lambda pdf: setattr(pdf.Root, "OpenAction", action)

    found = {f"opening: {name}": on_opening(action) for name, action in actions.items()}
    found["opening: indirect"] = lambda pdf: setattr(pdf.Root, "OpenAction", pdf.make_indirect(_script()))
    found["closing"] = lambda pdf: setattr(pdf.Root, "AA", Dictionary(WC=_script()))
    found["page opened"] = lambda pdf: setattr(pdf.pages[0].obj, "AA", Dictionary(O=_script()))
    return found


def _annotations():
    def note(**values):
        return lambda pdf: _annotate(pdf, **values)

    return {
        "link with script": note(Subtype=Name.Link, A=_script()),
        "link that launches": note(Subtype=Name.Link, A=Dictionary(S=Name.Launch, F=String("calc.exe"))),
        "link to a share": note(Subtype=Name.Link, A=Dictionary(S=Name.GoToR, F=String("\\\\x\\y"), D=Array([0]))),
        "script behind a page": note(Subtype=Name.Link, A=Dictionary(S=Name.GoTo, D=Array([0]), Next=Array([_script()]))),
        "attachment": note(Subtype=Name.FileAttachment),
        "film": note(Subtype=Name.Movie, Movie=Dictionary(F=String("x.avi"))),
        "screen": note(Subtype=Name.Screen, A=Dictionary(S=Name.Rendition, OP=0)),
        "sound": note(Subtype=Name.Sound),
        "rich media": note(Subtype=Name.RichMedia, RichMediaContent=Dictionary()),
        "three dimensions": note(Subtype=Name("/3D")),
        "button that submits": note(
            Subtype=Name.Widget, FT=Name.Btn, A=Dictionary(S=Name.SubmitForm, F=String("http://x.example"))
        ),
        "field that calculates": note(Subtype=Name.Widget, FT=Name.Tx, AA=Dictionary(C=_script())),
        "escaped name": note(
            Subtype=Name.Link, A=Dictionary({"/S": Name("/JavaScript"), "/J#53": String("1"), "/JS": String("1")})
        ),
    }


def _parts():
    def names(**values):
        return lambda pdf: setattr(pdf.Root, "Names", Dictionary(**values))

    def attach(pdf):
        pdf.attachments["a.exe"] = b"MZ" + MARK

    def portfolio(pdf):
        attach(pdf)
        pdf.Root.Collection = Dictionary(View=Name.D)

    def form(pdf):
        pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Stream(pdf, b"<xdp/>"))

    def outside(pdf):
        stream = Stream(pdf, b"")
        stream.F = String("http://x.example/a")
        pdf.Root.Extra = pdf.make_indirect(stream)

    def associated(pdf):
        pdf.Root.AF = Array([Dictionary(Type=Name.Filespec, F=String("a"))])

    def deep(pdf):
        inner = Dictionary(JS=String("1"))
        for _ in range(40):
            inner = Dictionary(K=Array([inner]))
        pdf.Root.Extra = inner

    return {
        "script by name": names(JavaScript=Dictionary(Names=Array([String("x"), _script()]))),
        "files by name": names(EmbeddedFiles=Dictionary(Names=Array([]))),
        "attached": attach,
        "portfolio": portfolio,
        "form that draws": form,
        "stream outside": outside,
        "associated": associated,
        "deep": deep,
    }


def _locked():
    locks = {
        "user": pikepdf.Encryption(user="1", owner="2"),
        "owner alone": pikepdf.Encryption(user="", owner="2"),
        "old": pikepdf.Encryption(user="", owner="2", R=3, aes=False, metadata=False),
        "user old": pikepdf.Encryption(user="1", owner="2", R=4),
    }
    return {f"locked: {name}": ("a.pdf", scan(encryption=lock)) for name, lock in locks.items()}


def _broken():
    data, dice = scan(), random.Random(3)
    files = {
        "cut": data[: len(data) // 2],
        "head only": data[:15],
        "end only": b"%PDF-1.7\n%%EOF",
        "noise": b"%PDF-1.7\n" + dice.randbytes(5000) + b"%%EOF",
        "no table": data.replace(b"startxref", b"startxxxx"),
        "no root": data.replace(b"/Root", b"/Roof"),
        "no pages": data.replace(b"/Kids", b"/Kidz"),
        "blank": saved(Pdf.new()),
    }
    return {f"broken: {name}": ("a.pdf", content) for name, content in files.items()}


def _glued():
    data = scan()
    end = data.rindex(b"%%EOF")
    files = {
        "archive behind": data + zipped(data=MARK),
        "page behind": data + SCRIPT,
        "page in front": SCRIPT + data,
        "page in the head": data[:9] + b"%" + SCRIPT + b"\n" + data[9:],
        "archive before the end": data[:end] + zipped(data=MARK) + data[end:],
        "archive around": zipped("a.pdf", data),
        "two documents": data + b"%PDF-1.4\n1 0 obj<</JS(1)>>endobj\n",
    }
    return {f"glued: {name}": ("a.pdf", content) for name, content in files.items()}


def _bombs():
    wide = Pdf.new()
    wide.add_blank_page()
    for _ in range(50_001):
        wide.make_indirect(Dictionary(A=1))
    wide.Root.Extra = Array([wide.make_indirect(Dictionary(A=number)) for number in range(50_100)])
    packed = scanned()
    packed.Root.Extra = Array([packed.make_indirect(String("0" * 9_000_000)) for _ in range(60)])
    nested = Pdf.new()
    nested.add_blank_page()
    files = {
        "301 pages": _blank(301),
        "50,000 objects": saved(wide),
        "540 MB of text": saved(packed, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "brackets": saved(nested).replace(b"/Pages", b"/Pages /X " + b"[" * 30_000 + b"]" * 30_000),
    }
    return {f"bomb: {name}": ("a.pdf", content) for name, content in files.items()}


def _disguised():
    return {
        "disguised: picture's ending": ("a.jpg", scan()),
        "disguised: page's ending": ("a.html", scan()),
        "disguised: word's ending": ("a.docx", scan()),
        "disguised: postscript": ("a.pdf", b"%!PS-Adobe-3.0\n%PDF-1.4"),
    }
