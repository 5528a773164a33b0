"""Charts as PNG, for Word: the same drawing as in the PDF, laid out by the same engine under the same bounds."""

from __future__ import annotations

import io

from reports.document import Chart
from reports.render import fonts
from reports.render.charts import HEIGHT, PIE_HEIGHT, WIDTH, chart_svg
from reports.render.html import CHART_FONTS
from reports.render.html import WIDTH as MM_WIDTH
from reports.render.pdf import render_form

DOTS_PER_INCH = 200
STYLE = (
    f"@page{{size:{MM_WIDTH}mm {MM_WIDTH * HEIGHT / WIDTH:.3f}mm;margin:0}}"
    f"@page pie{{size:{MM_WIDTH}mm {MM_WIDTH * PIE_HEIGHT / WIDTH:.3f}mm;margin:0}}"
    "body{margin:0}div{break-after:page}.pie{page:pie}div:last-child{break-after:auto}"
    f"svg{{display:block;width:{MM_WIDTH}mm;height:auto}}"
)


def chart_pictures(charts: list[Chart]) -> list[bytes]:
    """Return each chart as a PNG, 156 mm wide at 200 dots an inch. Raises what render_form raises."""
    if not charts:
        return []
    import pypdfium2

    families = fonts.ROLES[CHART_FONTS]
    drawings = "".join(f'<div class="{chart.kind}">{chart_svg(chart, families=families)}</div>' for chart in charts)
    page = f'<!doctype html><html lang="zh-CN"><head><title>.</title></head><body>{drawings}</body></html>'
    with pypdfium2.PdfDocument(render_form(page, STYLE).data) as pdf:
        return [_png(pdf[place]) for place in range(len(charts))]


def _png(page) -> bytes:
    target = io.BytesIO()
    page.render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil().convert("L").save(target, "PNG", optimize=True)
    return target.getvalue()
