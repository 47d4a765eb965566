"""Bihuan (闭环) runs a written service regulation over an event log.

The library calls are imported when they are first used, so that `import bihuan` costs nothing. This
module knows only where they live.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from bihuan.engine.archives import archives, archives_editions
    from bihuan.engine.assess import Assessment, assess, assess_editions
    from bihuan.engine.calendar import Calendar
    from bihuan.engine.check import check
    from bihuan.engine.compare import compare
    from bihuan.engine.contact_load import ContactLoad, contact_load
    from bihuan.engine.editions import replay_editions
    from bihuan.engine.errors import BihuanError, CalendarError, CallError, LogError, PolicyError
    from bihuan.engine.examples import run_examples
    from bihuan.engine.explain import explain, explain_editions
    from bihuan.engine.finding import Finding
    from bihuan.engine.honest import verify
    from bihuan.engine.indicators import Measured, indicators, indicators_editions
    from bihuan.engine.log import Log, as_log
    from bihuan.engine.outcome import Outcome
    from bihuan.engine.parameters import parameter_values
    from bihuan.engine.policy import Policy
    from bihuan.engine.portions import total
    from bihuan.engine.questionnaire import questions
    from bihuan.engine.replay import replay
    from bihuan.engine.sample import Sample, sample
    from bihuan.engine.schema import policy_schema
    from bihuan.engine.site import Site
    from bihuan.files.assessments import write_assessment
    from bihuan.files.calendars import calendar_names, read_calendar, read_calendars
    from bihuan.files.comparing import write_compared
    from bihuan.files.contacts import write_contacts
    from bihuan.files.draft import draft_mapping
    from bihuan.files.figures import write_figures
    from bihuan.files.logs import read_log
    from bihuan.files.mapping import read_mapping
    from bihuan.files.outcomes import (
        comparison_summary,
        scan_folder,
        summary_of,
        write_comparison,
        write_outcome,
        write_outcomes,
    )
    from bihuan.files.partition import iter_log
    from bihuan.files.policies import (
        edition_files,
        examples_of,
        find_policy,
        findings,
        newest,
        policy_ids,
        read_editions,
        read_example_file,
        read_examples,
        read_policy,
    )
    from bihuan.files.samples import members_of, read_list, sample_summary, write_sample
    from bihuan.files.site import read_site
    from bihuan.files.stream import iter_outcomes
    from bihuan.report.folder import write_report
    from bihuan.report.make import make_report

_HOMES = {
    "replay": "engine.replay",
    "replay_editions": "engine.editions",
    "archives": "engine.archives",
    "archives_editions": "engine.archives",
    "assess": "engine.assess",
    "assess_editions": "engine.assess",
    "indicators": "engine.indicators",
    "indicators_editions": "engine.indicators",
    "Measured": "engine.indicators",
    "check": "engine.check",
    "run_examples": "engine.examples",
    "explain": "engine.explain",
    "explain_editions": "engine.explain",
    "compare": "engine.compare",
    "contact_load": "engine.contact_load",
    "ContactLoad": "engine.contact_load",
    "sample": "engine.sample",
    "questions": "engine.questionnaire",
    "verify": "engine.honest",
    "Sample": "engine.sample",
    "members_of": "files.samples",
    "read_list": "files.samples",
    "sample_summary": "files.samples",
    "write_sample": "files.samples",
    "policy_schema": "engine.schema",
    "read_policy": "files.policies",
    "read_editions": "files.policies",
    "newest": "files.policies",
    "read_examples": "files.policies",
    "read_example_file": "files.policies",
    "examples_of": "files.policies",
    "policy_ids": "files.policies",
    "find_policy": "files.policies",
    "findings": "files.policies",
    "edition_files": "files.policies",
    "read_log": "files.logs",
    "iter_log": "files.partition",
    "as_log": "engine.log",
    "read_mapping": "files.mapping",
    "draft_mapping": "files.draft",
    "read_site": "files.site",
    "read_calendar": "files.calendars",
    "read_calendars": "files.calendars",
    "calendar_names": "files.calendars",
    "write_outcome": "files.outcomes",
    "write_assessment": "files.assessments",
    "write_figures": "files.figures",
    "write_outcomes": "files.outcomes",
    "scan_folder": "files.outcomes",
    "iter_outcomes": "files.stream",
    "make_report": "report.make",
    "write_report": "report.folder",
    "total": "engine.portions",
    "summary_of": "files.outcomes",
    "write_comparison": "files.outcomes",
    "write_compared": "files.comparing",
    "write_contacts": "files.contacts",
    "comparison_summary": "files.outcomes",
    "parameter_values": "engine.parameters",
    "Policy": "engine.policy",
    "Log": "engine.log",
    "Site": "engine.site",
    "Outcome": "engine.outcome",
    "Assessment": "engine.assess",
    "Calendar": "engine.calendar",
    "Finding": "engine.finding",
    "BihuanError": "engine.errors",
    "PolicyError": "engine.errors",
    "CalendarError": "engine.errors",
    "LogError": "engine.errors",
    "CallError": "engine.errors",
}

__all__ = [  # the same names: `from bihuan import *` and type checkers want them written out
    "replay",
    "replay_editions",
    "archives",
    "archives_editions",
    "assess",
    "assess_editions",
    "indicators",
    "indicators_editions",
    "Measured",
    "check",
    "run_examples",
    "explain",
    "explain_editions",
    "compare",
    "contact_load",
    "ContactLoad",
    "write_contacts",
    "sample",
    "questions",
    "verify",
    "Sample",
    "members_of",
    "read_list",
    "sample_summary",
    "write_sample",
    "policy_schema",
    "read_policy",
    "read_editions",
    "newest",
    "read_examples",
    "read_example_file",
    "examples_of",
    "policy_ids",
    "find_policy",
    "findings",
    "edition_files",
    "read_log",
    "iter_log",
    "as_log",
    "read_mapping",
    "draft_mapping",
    "read_site",
    "read_calendar",
    "read_calendars",
    "calendar_names",
    "write_outcome",
    "write_assessment",
    "write_figures",
    "write_outcomes",
    "scan_folder",
    "iter_outcomes",
    "make_report",
    "write_report",
    "total",
    "summary_of",
    "write_comparison",
    "write_compared",
    "comparison_summary",
    "parameter_values",
    "Policy",
    "Log",
    "Site",
    "Outcome",
    "Assessment",
    "Calendar",
    "Finding",
    "BihuanError",
    "PolicyError",
    "CalendarError",
    "LogError",
    "CallError",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bihuan' has no attribute {name!r}")
    return getattr(import_module(f"bihuan.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
