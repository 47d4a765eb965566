"""Words that tables show and that are looked up at run time: column heads, states, kinds, levels.

They stand here once, so that the catalogue can be proved complete. What is not listed is shown as it is.
"""

HEADS = frozenset({
    "actor", "after", "article", "articles", "at", "before", "by", "calendar", "callback", "callbacks", "case", "cases",
    "change", "closed by", "code", "column", "counted", "detail", "difference", "done at", "due at", "edition",
    "editions", "event", "events", "example", "expected", "file", "found", "hint", "key", "kind", "late by", "level",
    "line", "meaning", "missing", "name", "note", "of", "open", "origin", "owner", "parameter", "pending", "policy",
    "reason", "round", "rows", "rule", "rules", "says", "seen", "set", "started at", "state", "status", "table", "title",
    "unit", "used", "value", "what", "when", "where", "examples", "duplicates", "excluded", "as of", "log", "zone",
    "irregularities", "obligations", "on time", "void", "unset", "waiting", "met", "late", "overdue", "lapsed",
    "day", "proposal", "total", "allowed", "drawn", "verdict", "method", "allowed by", "read", "holds", "wrong",
    "provisional", "summary", "missing parameters", "deviations",
})  # fmt: skip

VALUES = frozenset({
    "open", "met", "late", "overdue", "void", "unset", "waiting", "used", "lapsed",  # states of rows
    "state", "person", "gate", "field", "early", "backdated",  # kinds of irregularities
    "prohibition", "overlap", "unknown value",
    "error", "warning", "info",  # levels of findings
    "in force", "proposed", "preview", "reference", "draft",  # status of editions
    "text", "user", "outside", "missing",  # origins of parameters
    "obligation", "window", "callback", "step", "count", "charge", "indicator", "report", "archive",  # rules
    "yes", "no", "holds", "fails",
})  # fmt: skip

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

WORDS = HEADS | VALUES | frozenset(WEEKDAYS)
