"""Words that tables show and that are looked up at run time: column heads, states, kinds, levels.

They stand here once, so that the catalogue can be proved complete. What is not listed is shown as it is.
"""

HEADS = frozenset({
    "actor", "after", "allowed", "article", "articles", "as of", "at", "before", "calendar", "callbacks", "case",
    "cases", "change", "column", "contradictions", "count", "counted", "day", "detail", "deviations", "difference",
    "differences", "done at", "due at", "duplicates", "edition", "event", "events", "example", "examples", "excluded",
    "expected", "file", "found", "hint", "holds", "irregularities", "kind", "late by", "level", "line", "log", "missing",
    "name", "note", "obligations", "on time", "origin", "owner", "parameter", "parameters", "pending", "policy", "read",
    "reason", "round", "rule", "rules", "says", "started at", "state", "status", "superseded", "title", "total", "unit",
    "value", "verdict", "what", "where", "why", "zone",
})  # fmt: skip

VALUES = frozenset({
    "open", "met", "late", "overdue", "void", "unset", "waiting", "used", "lapsed",  # states of rows
    "error", "warning", "info",  # levels of findings
    "in force", "proposed", "preview", "reference",  # status of editions
    "yes", "no",
})  # fmt: skip

PHRASES = {  # where the engine's own word is too short for people
    "kind": {
        "state": "out of order",
        "person": "by the wrong person",
        "gate": "before what it needs",
        "field": "a field is missing",
        "early": "too early",
        "backdated": "entered late",
        "prohibition": "forbidden",
    },
}

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

WORDS = HEADS | VALUES | frozenset(WEEKDAYS) | {text for words in PHRASES.values() for text in words.values()}
