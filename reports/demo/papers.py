"""Writes annual reports through the product's own services: one approved and frozen, one whose numbers have moved since, this
year's draft of the first, which tells what became of its plan, and the district's own of last year, approved.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from accounts.models import Unit
from metrics import services as returns
from metrics.models import Figure, MonthlyReturn
from metrics.numbers import plain
from reports import services as reports
from reports.assembly import load_binder
from reports.demo.district import Calendar, District
from reports.demo.plan import TownshipPlan, content, townships
from reports.models import Report
from reports.permissions import check_can_create
from reports.plan_items import PlanInput
from reports.report_deeds import refusal_of

FINISHED, MOVED = "qingyun", "shibu"
CORRECTED_MONTH, CORRECTED_CODE, FOUND_LATER = 10, "media_adopted_district_print", 2
QUOTING, TYPED, QUOTED = "s2.1", "不少于〖12〗次", "不少于【中心组专题学习|计划|次】"
REOPEN_REASON = "区级报刊补登记两篇稿件，同意更正。"


def write_reports(district: District, calendar: Calendar) -> tuple[Report, Report]:
    """Write the finished report and the one with changed figures. Raises Refused as the services do."""
    _enter_local_facts(district)
    by_login = {row.login: row for row in townships(calendar.last_year)}
    finished = _approved(by_login[FINISHED], district, calendar)
    draft = _created(by_login[MOVED], district, calendar.last_year)
    _correct_source(by_login[MOVED], district, calendar)
    _write_outcomes(by_login[FINISHED], district, calendar)
    _write_own(district, calendar)
    return finished, draft


def _enter_local_facts(district: District) -> None:
    """Give the demo district its templates, and the facts of its own that their plans quote."""
    reports.sync_templates()
    for year, values in content("local").items():
        reports.set_template_values(by=None, district=district.unit, year=int(year), values=values)


def _created(township: TownshipPlan, district: District, year: int) -> Report:
    unit = Unit.objects.select_related("parent").get(code=township.code)
    return reports.create_report(by=district.users[f"{township.login}.clerk"], unit=unit, year=year)


def _approved(township: TownshipPlan, district: District, calendar: Calendar) -> Report:
    """Write, date, submit, sign off, review and approve."""
    clerk, head = (district.users[f"{township.login}.{role}"] for role in ("clerk", "head"))
    report, reviewer = _created(township, district, calendar.last_year), district.reviewer_of(township)
    _write_plan(clerk, report)
    reports.save_head(
        by=clerk, report=report, title=report.title, addressee=report.addressee, signature=report.signature,
        issue_date=date(calendar.this_year, 1, 8),
    )  # fmt: skip
    reports.submit_report(by=clerk, report=report)
    reports.sign_off_report(by=head, report=report)
    reports.start_review(by=reviewer, report=report)
    return reports.approve_report(by=reviewer, report=report)


def _correct_source(township: TownshipPlan, district: District, calendar: Calendar) -> None:
    """Reopen an approved month behind the report, correct a figure, and bring it back to approval."""
    row = MonthlyReturn.objects.get(unit__code=township.code, year=calendar.last_year, month=CORRECTED_MONTH)
    clerk, head = (district.users[f"{township.login}.{role}"] for role in ("clerk", "head"))
    reviewer = district.reviewer_of(township)
    figure = Figure.objects.get(monthly_return=row, indicator__code=CORRECTED_CODE)
    returns.reopen_return(by=reviewer, monthly_return=row, reason=REOPEN_REASON)
    typed = returns.CellInput(CORRECTED_CODE, plain(figure.value + FOUND_LATER), figure.version)
    returns.save_figures(by=clerk, monthly_return=row, inputs=[typed])
    returns.submit_return(by=clerk, monthly_return=row)
    returns.sign_off_return(by=head, monthly_return=row)
    returns.start_review(by=reviewer, monthly_return=row)
    returns.approve_return(by=reviewer, monthly_return=row)


def _write_plan(clerk, report: Report) -> None:
    """Give the report its plan items, and quote the one amount that its text names."""
    blocks = {row.key: row for row in report.blocks.all()}
    for row in content("measures")["items"]:
        month, day = map(int, row["due"].split("-"))
        amount = Decimal(str(row["amount"])) if "amount" in row else None
        typed = PlanInput(row["measure"], row.get("code", ""), amount, row["lead_unit"], date(report.plan_year, month, day))
        reports.add_plan_item(by=clerk, report=report, block=blocks[row["block"]], typed=typed)
    block = blocks[QUOTING]
    reports.save_block(by=clerk, block=block, text=block.text.replace(TYPED, QUOTED), base_version=block.version)


def _write_outcomes(township: TownshipPlan, district: District, calendar: Calendar) -> None:
    """Open this year's report, once the year is far enough, and choose how the items without a figure went."""
    clerk = district.users[f"{township.login}.clerk"]
    unit = Unit.objects.select_related("parent").get(code=township.code)
    if refusal_of(lambda: check_can_create(clerk, unit, calendar.this_year)):
        return
    report = _created(township, district, calendar.this_year)
    told = {row["measure"]: row for row in content("measures")["items"] if "outcome" in row}
    for item in load_binder(report).plan.book.accepted_items:
        if item.measure in told:
            row = told[item.measure]
            reports.choose_outcome(by=clerk, report=report, item=item.id, outcome=row["outcome"], words=row["words"])
    reports.update_figures(by=clerk, report=report)


def _write_own(district: District, calendar: Calendar) -> Report:
    """Write last year's report of the district itself: a reviewer's, approved by the administrator."""
    writer, decider = (district.users[f"district.{name}"] for name in ("reviewer1", "admin"))
    report = reports.create_report(by=writer, unit=district.unit, year=calendar.last_year)
    reports.save_head(
        by=writer, report=report, title=report.title, addressee=report.addressee, signature=report.signature,
        issue_date=date(calendar.this_year, 1, 20),
    )  # fmt: skip
    reports.submit_report(by=writer, report=report)
    return reports.approve_report(by=decider, report=report)
