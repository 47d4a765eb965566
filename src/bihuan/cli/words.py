"""Words that tables show and that are looked up at run time: column heads, states, kinds, levels.

They stand here once, so that the catalogue can be proved complete. What is not listed is shown as it is.
"""

HEADS = frozenset({
    "actor", "after", "allowed", "article", "articles", "as of", "at", "before", "calendar", "callbacks", "case",
    "calls", "cases", "change", "column", "contradictions", "count", "counted", "day", "detail", "deviations",
    "difference", "differences", "done at", "due after", "due at", "due before", "duplicates", "edition", "event", "events", "example", "examples", "excluded",
    "expected", "file", "found", "hint", "holds", "irregularities", "kind", "late after", "late before", "late by", "level", "line", "log", "met after", "met before", "missing", "moved",
    "name", "note", "obligations", "on time", "origin", "overdue after", "overdue before", "owner", "parameter", "parameters", "pending", "policy", "provisional", "read",
    "reason", "round", "rows after", "rows before", "rule", "rules", "says", "shift", "shift median", "started at", "state", "state after", "state before", "status", "superseded", "title", "total", "unit",
    "value", "verdict", "what", "where", "why", "zone",
})  # fmt: skip

STATES = frozenset({"open", "met", "late", "overdue", "void", "unset", "waiting", "used", "lapsed"})

VALUES = STATES | {
    "error", "warning", "info",  # levels of findings
    "in force", "proposed", "preview", "reference",  # status of editions
}  # fmt: skip

SPOKEN = frozenset(
    {"state", "state_before", "state_after", "kind", "change", "level", "status"}
)  # columns whose values are words of the engine

PHRASES = {  # where the engine's own word is too short for people
    "kind": {
        "state": "out of order",
        "person": "by the wrong person",
        "gate": "before what it needs",
        "field": "a field is missing",
        "early": "too early",
        "backdated": "entered late",
        "prohibited": "forbidden",
    },
    "change": {
        "newly_late": "newly late",
        "no_longer_late": "no longer late",
        "only_before": "only before",
        "only_after": "only after",
        "newly_judged": "newly judged",
        "no_longer_judged": "no longer judged",
        "moved": "due time moved",
        "other_state": "other state",
    },
}

NOTES = {  # the codes of a row's note; what follows the colon is a name
    "missing": "no value for",
    "provisional": "beyond the last notice of calendar",
    "trigger-ignored": "another trigger came while it was open",
    "moved": "the agreed instant was moved",
    "extended": "extended",
    "extension-without-effect": "an extension had no effect",
    "restarted": "restarted",
    "paused": "paused",
    "pause-too-late": "a pause began after the due time",
    "date-without-time": "a date without a time",
    "outside-calendar": "outside the calendar",
    "too-early-ignored": "an event came too early",
    "fact-known-later": "a fact became known later",
    "fact-not-known": "a fact is not known",
    "paused-now": "paused now",
}

REASONS = (  # why rows of a log were left out; what stands in `excluded.csv` is never translated
    "bytes that are neither UTF-8 nor GB18030; save the file as UTF-8",
    "the case id is empty",
    "the event is empty",
    "the instant is empty",
    "no date or time that could be read; declare its format in the mapping",
    "there is no such date or time",
    "no event of the vocabulary or the policy; rename it in the mapping or list it in ignored_events",
    "the lists of this case differ in length",
    "the row has more cells than the header has columns",
    "a quote is not closed, or text follows the closing quote",
    "the line is not a JSON object",
    "the case has none of the events that open a case",
    "the event lies before the event that opened its case",
    "the case has facts but no event",
    "corrects no earlier event of its case",
    "no edition was in force on the day of the case",
)

DOINGS = ("looking through", "looking for the last event", "comparing")  # of `--progress`

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

WORDS = (
    HEADS
    | VALUES
    | frozenset((*WEEKDAYS, *REASONS, *DOINGS))
    | {text for words in (*PHRASES.values(), NOTES) for text in words.values()}
)
