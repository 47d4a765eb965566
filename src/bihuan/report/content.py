"""The content of a report as one value, out of what was judged, assessed and measured.

`report` is the whole of it; the sections stand in modules of their own. It formats by `document` and writes nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bihuan.i18n import _, language
from bihuan.report import duties, measured, money, summary, troubled
from bihuan.report.document import Cell, Document, Section, Table, made, plain, typeset
from bihuan.report.material import Material
from bihuan.spoken import edition, instant


def report(about: Material) -> Document:
    """The report about a period and a unit."""
    header = about.policy.header
    sections = tuple(spoken(section) for section in sections_of(about))
    return Document(
        title=typeset(_("Report on the execution of {title}").format(title=header.title)),
        about=named(heading(about)),
        figures=named(summary.figures(about)),
        sections=sections,
        signatures=tuple(typeset(each) for each in (_("Prepared by:"), _("Reviewed by:"), _("Approved by:"))),
        day=typeset(_("Date:")),
        footer=typeset(
            _("{title}, {edition}, as of {as_of}").format(
                title=header.title,
                edition=edition(about.outcome.summary["edition"]),
                as_of=instant(about.as_of),
            )
        ),
        language=language(),
        summary=for_programs(about, sections),
    )


def spoken(section: Section) -> Section:
    """Its texts as they are set."""
    return replace(section, says=tuple(typeset(said) for said in section.says))


def named(values: Iterable[tuple[str, str, Any]]) -> tuple[tuple[str, Cell], ...]:
    """Values that stand alone, with their names; what is no figure says so."""
    return tuple(
        (
            summary.figure_name(name),
            made(kind, name, value) if value is not None else Cell(None, _("no figure")),
        )
        for name, kind, value in values
    )


def sections_of(about: Material) -> list[Section]:
    found = [summary.section(about)]
    if about.figures is not None and about.figures.height:
        found.append(measured.indicators(about))
    found += [
        summary.late(about),
        summary.irregularities(about),
        summary.callbacks(about),
        money.section(about),
    ]
    if about.load is not None:
        found.append(troubled.section(about, about.load))
    return [*found, duties.reports(about), duties.unjudged(about), duties.definitions(about)]


def heading(about: Material) -> list[tuple[str, str, Any]]:
    """Of which unit and period, as of when, by which edition: name, kind, value."""
    span = about.scope.period
    return [
        ("unit", "text", about.scope.unit or _("the whole company")),
        (
            "period",
            "text",
            _("{name} ({first} to {last})").format(name=span.name, first=span.first, last=about.scope.last),
        ),
        ("as_of", "instant", about.as_of),
        ("policy", "text", about.policy.id),
        ("edition", "text", about.outcome.summary["edition"]),
        ("status", "text", about.policy.header.status),
    ]


def for_programs(about: Material, sections: tuple[Section, ...]) -> dict[str, Any]:
    """The same numbers as data: values by the names of columns, exact."""
    outcome = about.outcome.summary
    return {
        "policy": about.policy.id,
        "edition": outcome["edition"],
        "title": about.policy.header.title,
        "unit": about.scope.unit,
        "period": about.scope.period.name,
        "period_from": about.scope.begin.isoformat(),
        "period_until": about.scope.end.isoformat(),
        "as_of": about.as_of.isoformat(),
        "over": about.as_of >= about.scope.end,
        "figures": {name: plain(value) for name, _kind, value in summary.figures(about)},
        "missing": outcome["missing"],
        "deviations": outcome["deviations"],
        "log": outcome["log"],
        "tables": {table.id: rows_of(table) for section in sections for table in section.tables},
    }


def rows_of(table: Table) -> list[dict[str, Any]]:
    return [
        {column.name: plain(cell.value) for column, cell in zip(table.columns, row, strict=True)}
        for row in table.rows
    ]
