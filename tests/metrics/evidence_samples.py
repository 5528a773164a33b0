"""Pictures that people send and pictures that attackers make, made here: name -> (file name, bytes)."""

import io
import random
import struct
import zipfile
import zlib

from PIL import Image, ImageDraw, PngImagePlugin

SCRIPT = b"<html><script>alert('zq')</script></html>"
MARK = b"zqpayload"


def photo(width=640, height=480, seed=1):
    """A picture like a photo: blotches, top left red, so that its turning can be seen."""
    dice = random.Random(seed)
    picture = Image.new("RGB", (width, height), (90, 120, 90))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, r = dice.randrange(width), dice.randrange(height), dice.randrange(10, 80)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(dice.randrange(40, 220) for _ in range(3)))
    draw.rectangle((0, 0, width // 3, height // 3), fill=(230, 20, 20))
    draw.rectangle((width // 3 + 1, 0, width, height // 3), fill=(20, 20, 230))
    return picture


def written(picture, kind, **values) -> bytes:
    """Return a picture's bytes."""
    target = io.BytesIO()
    picture.save(target, kind, **values)
    return target.getvalue()


def exif_of(orientation=1, *, gps=True) -> Image.Exif:
    """EXIF as a phone writes it, with a place and the model of the phone."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = orientation, "Phone", MARK.decode()
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 15.0, 11.0), 3: "E", 4: (120.0, 9.0, 22.0), 0x1D: "2026:10:08"})
    return exif


TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def turned(orientation, **size) -> bytes:
    """A JPEG whose pixels lie as a phone held so stores them; upright after its EXIF orientation is applied."""
    picture = photo(**size)
    if TURNS[orientation] is not None:
        picture = picture.transpose(TURNS[orientation])
    return written(picture, "JPEG", quality=88, exif=exif_of(orientation))


def good_pictures() -> dict[str, tuple[str, bytes]]:
    """Fifty pictures as phones, computers and chat programs make them."""
    found = {}
    for orientation in TURNS:
        for width, height in ((640, 480), (1200, 900), (900, 1600)):
            found[f"orientation {orientation} {width}"] = (
                f"IMG_{orientation}{width}.jpg",
                turned(orientation, width=width, height=height),
            )
    for place, (ending, kind, values) in enumerate(
        (
            ("webp", "WEBP", {"quality": 80}),
            ("webp", "WEBP", {"lossless": True}),
            ("webp", "WEBP", {"exif": exif_of(6)}),
            ("png", "PNG", {}),
            ("png", "PNG", {"exif": exif_of(3)}),
            ("jpeg", "JPEG", {"progressive": True}),
            ("jpg", "JPEG", {"subsampling": 0}),
            ("JPG", "JPEG", {"comment": MARK}),
            ("jpg", "JPEG", {"dpi": (300, 300)}),
            ("jfif", "JPEG", {}),
        )
    ):
        found[f"kind {place}"] = (f"照片 {place}.{ending}", written(photo(800, 600, seed=place), kind, **values))
    for place, mode in enumerate(("L", "P", "1", "LA", "RGBA", "RGB")):
        found[f"screenshot {mode}"] = (f"截图{place}.png", written(photo(1170, 900).convert(mode), "PNG"))
    found["screenshot 16 bit"] = ("scan16.png", written(_deep_grey(), "PNG"))
    found["cmyk"] = ("cmyk.jpg", written(photo(600, 400).convert("CMYK"), "JPEG"))
    found["grey"] = ("grey.jpg", written(photo(600, 400).convert("L"), "JPEG"))
    found["long screenshot"] = ("长截图.jpg", written(photo(1080, 9000), "JPEG"))
    found["large photo"] = ("IMG_20261008.jpg", written(photo(4000, 3000), "JPEG", exif=exif_of(6)))
    found["twelve megapixels upright"] = ("IMG_2.JPG", written(photo(3024, 4032), "JPEG", quality=92))
    found["second picture behind"] = ("burst.jpg", _with_second_picture())
    found["jpeg named png"] = ("微信图片.png", written(photo(), "JPEG"))
    found["one pixel"] = ("dot.png", written(photo(1, 1), "PNG"))
    found["no ending"] = ("image", written(photo(), "JPEG"))
    return found


def _deep_grey():
    deep = Image.new("I;16", (300, 200))
    deep.putdata([value % 65536 for value in range(0, 60000 * 37, 37)])
    return deep


def _with_second_picture() -> bytes:
    target = io.BytesIO()
    photo().save(target, "MPO", save_all=True, append_images=[photo(seed=9)])
    return target.getvalue()


# --- hostile pictures -----------------------------------------------------------------------------------------------


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height, rows=b"", colour=2, depth=8) -> bytes:
    """A PNG that claims a size, whatever it holds."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def zipped(name="word/document.xml", data=b"x") -> bytes:
    """An archive with one file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, data)
    return target.getvalue()


def hostile_pictures() -> dict[str, tuple[str, bytes]]:
    """Eighty files that must not be stored as they were sent."""
    jpeg, png, webp = (written(photo(), kind) for kind in ("JPEG", "PNG", "WEBP"))
    return _foreign() | _broken(jpeg, png, webp) | _bombs() | _glued(jpeg, png, webp) | _laden()


def _foreign():
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(id) (r) file\nshowpage\n"
    frames = [photo(64, 64, seed) for seed in (1, 2, 3)]
    moving = {"save_all": True, "append_images": frames[1:], "duration": 90}
    xbm = b"#define x_width 8\n#define x_height 8\nstatic char x_bits[] = {0,0,0,0,0,0,0,0};"
    heic = struct.pack(">I", 24) + b"ftypheic" + b"\0" * 400
    files = {
        "svg": ("a.svg", svg),
        "svg as png": ("a.png", svg),
        "svg with xml head": ("a.jpg", b"<?xml version='1.0'?>" + svg),
        "eps": ("a.eps", eps),
        "eps as jpg": ("a.jpg", eps),
        "eps binary head": ("a.jpg", b"\xc5\xd0\xd3\xc6" + eps),
        "tiff": ("a.tif", written(photo(), "TIFF")),
        "tiff as jpg": ("a.jpg", written(photo(), "TIFF")),
        "gif": ("a.gif", written(photo(), "GIF")),
        "gif as png": ("a.png", written(photo(), "GIF")),
        "gif moving": ("a.gif", written(frames[0], "GIF", **moving)),
        "apng": ("a.png", written(frames[0], "PNG", **moving)),
        "webp moving": ("a.webp", written(frames[0], "WEBP", **moving)),
        "bmp": ("a.bmp", written(photo(), "BMP")),
        "bmp as jpg": ("a.jpg", written(photo(), "BMP")),
        "ico": ("a.ico", written(photo(64, 64), "ICO")),
        "ppm": ("a.jpg", written(photo(), "PPM")),
        "tga": ("a.png", written(photo(), "TGA")),
        "pcx": ("a.jpg", written(photo(), "PCX")),
        "jpeg 2000": ("a.jpg", written(photo(), "JPEG2000")),
        "avif": ("a.webp", written(photo(), "AVIF")),
        "xbm": ("a.png", xbm),
        "heic": ("IMG_1.HEIC", heic),
        "heic as jpg": ("IMG_1.jpg", heic),
        "html as jpg": ("a.jpg", SCRIPT),
        "html": ("a.html", SCRIPT),
        "script as png": ("a.png", b"#!/bin/sh\nid\n"),
        "program": ("a.jpg", b"\x7fELF\x02\x01\x01" + b"\0" * 200),
        "windows program": ("报表.jpg.exe", b"MZ" + b"\0" * 300),
        "zip": ("a.zip", zipped()),
        "word": ("报告.docx", zipped()),
        "word as jpg": ("a.jpg", zipped()),
        "old word": ("a.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
        "mp4": ("a.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 99),
        "text": ("a.txt", b"text"),
        "picture with a program's ending": ("a.exe", written(photo(), "PNG")),
        "picture named pdf": ("a.pdf", written(photo(), "PNG")),
        "picture named html": ("a.html", written(photo(), "JPEG")),
        "svg compressed": ("a.svgz", b"\x1f\x8b" + zlib.compress(svg)),
        "empty": ("a.jpg", b""),
    }
    return {f"foreign: {name}": value for name, value in files.items()}


def _broken(jpeg, png, webp):
    sos = jpeg.index(b"\xff\xda")
    files = {
        "jpeg cut": ("a.jpg", jpeg[: len(jpeg) // 2]),
        "jpeg head only": ("a.jpg", jpeg[:40]),
        "jpeg three bytes": ("a.jpg", jpeg[:3]),
        "png cut": ("a.png", png[: len(png) // 2]),
        "png head only": ("a.png", png[:33]),
        "png wrong sum": ("a.png", png[:60] + b"\xff\xff" + png[62:]),
        "webp cut": ("a.webp", webp[: len(webp) // 2]),
        "webp head only": ("a.webp", webp[:20]),
        "jpeg without scan": ("a.jpg", jpeg[:sos] + b"\xff\xd9"),
        "png without data": ("a.png", png_of(10, 10)),
        "png noise": ("a.png", b"\x89PNG\r\n\x1a\n" + random.Random(5).randbytes(4000)),
        "jpeg noise": ("a.jpg", b"\xff\xd8\xff\xe0" + random.Random(6).randbytes(4000)),
        "webp noise": ("a.webp", b"RIFF\xff\xff\0\0WEBPVP8 " + random.Random(7).randbytes(4000)),
    }
    return {f"broken: {name}": value for name, value in files.items()}


def _bombs():
    pixels = {"144 million": (12000, 12000), "header 30000": (30000, 30000), "one row": (1, 60_000_000), "wide": (50_000_000, 1)}
    files = {name: ("a.png", png_of(*size)) for name, size in pixels.items()}
    files |= {
        "full bomb": ("a.png", png_of(12000, 12000, b"\0" * (12000 * 1501), colour=0, depth=1)),
        "41 million": ("a.png", png_of(6400, 6500)),
        "huge text": ("a.png", _with_chunks(zTXt=b"k\0\0" + zlib.compress(b"\0" * 80_000_000, 9))),
        "huge profile": ("a.png", _with_chunks(iCCP=b"k\0\0" + zlib.compress(b"\0" * 80_000_000, 9))),
        "jpeg header 65000": ("a.jpg", _jpeg_header(65000, 65000)),
        "webp header": ("a.webp", _webp_header(16383, 16383)),
    }
    return {f"bomb: {name}": value for name, value in files.items()}


def _with_chunks(**chunks) -> bytes:
    png = written(photo(64, 64), "PNG")
    return png[:33] + b"".join(chunk(kind.encode(), data) for kind, data in chunks.items()) + png[33:]


def _with_many_chunks() -> bytes:
    png = written(photo(64, 64), "PNG")
    return png[:33] + chunk(b"tEXt", b"a\0" + b"b" * 20) * 40_000 + png[33:]


def _jpeg_header(width, height) -> bytes:
    jpeg = bytearray(written(photo(64, 64), "JPEG"))
    place = jpeg.index(b"\xff\xc0")
    jpeg[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def _webp_header(width, height) -> bytes:
    body = b"VP8 " + struct.pack("<I", 10) + b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _glued(jpeg, png, webp):
    files = {}
    for name, ending, data in (("jpeg", "jpg", jpeg), ("png", "png", png), ("webp", "webp", webp)):
        files[f"{name} with page behind"] = (f"a.{ending}", data + SCRIPT + MARK)
        files[f"{name} with archive behind"] = (f"a.{ending}", data + zipped(data=MARK))
    files["jpeg with script in comment"] = ("a.jpg", written(photo(), "JPEG", comment=SCRIPT + MARK))
    files["png with program in front of its end"] = ("a.png", png[:-12] + chunk(b"exEc", b"MZ" + MARK) + png[-12:])
    return {f"glued: {name}": value for name, value in files.items()}


def _laden():
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", MARK.decode(), zip=True)
    text.add_itxt("XML:com.adobe.xmp", f"<x>{MARK.decode()}</x>")
    profile = b"\0\0\2\0" + MARK * 40
    files = {
        "gps jpeg": ("a.jpg", written(photo(), "JPEG", exif=exif_of(6))),
        "gps png": ("a.png", written(photo(), "PNG", exif=exif_of())),
        "gps webp": ("a.webp", written(photo(), "WEBP", exif=exif_of())),
        "text png": ("a.png", written(photo(), "PNG", pnginfo=text)),
        "profile jpeg": ("a.jpg", written(photo(), "JPEG", icc_profile=profile)),
        "profile webp": ("a.webp", written(photo(), "WEBP", icc_profile=profile)),
        "broken exif": ("a.jpg", written(photo(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + MARK)),
        "xmp webp": ("a.webp", written(photo(), "WEBP", xmp=b"<x>" + MARK + b"</x>")),
        "nul name": ("a\0.php\0.jpg", written(photo(), "JPEG", comment=MARK)),
        "path name": ("../../../../etc/cron.d/a.jpg", written(photo(), "JPEG")),
        "reversed name": ("a\u202egpj.exe.jpg", written(photo(), "JPEG", comment=MARK)),
        "line break name": ("a\r\nSet-Cookie: x=1.jpg", written(photo(), "JPEG", comment=MARK)),
        "many chunks": ("a.png", _with_many_chunks()),
        "data after the rows": ("a.png", png_of(1, 1, b"\0" * 90_000_000)),
        "long name": ("长" * 300 + ".jpg", written(photo(), "JPEG", comment=MARK)),
    }
    return {f"laden: {name}": value for name, value in files.items()}
