"""Handing out tables as files: workbooks and CSV under Chinese names."""

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from metrics.workbooks.tables import Table, file_name
from metrics.workbooks.writing import FORMATS, to_file


def table_response(tables: Table | tuple[Table, ...], extension: str, *name_parts: str) -> HttpResponse:
    """Answer with a file named from the parts, as 青云镇_2026年10月_月报.xlsx. Raises Http404 for an unknown format."""
    if extension not in FORMATS:
        raise Http404
    tables = (tables,) if isinstance(tables, Table) else tables
    return file_response(to_file(tables, extension), extension, *name_parts)


def file_response(data: bytes, extension: str, *name_parts: str) -> HttpResponse:
    """Answer with the bytes of a file of a known format, named from the parts."""
    response = HttpResponse(data, content_type=FORMATS[extension])
    name = file_name(*name_parts, extension=extension)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
