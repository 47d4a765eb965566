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
    "drawn", "drawn at", "exempt", "key", "member", "members", "minimum", "period", "place", "rate", "seed", "stratum", "strangers", "unknown", "void", "wanted",
    "value", "verdict", "what", "where", "why", "zone",
})  # fmt: skip

HEADS |= frozenset({  # of calls and questionnaires
    "answer", "answered", "ask", "attempts", "blank", "closing", "customer", "form", "last attempt at", "last method",
    "method", "most", "next at", "opening", "points", "scale",
})  # fmt: skip

HEADS |= frozenset({  # of contact load
    "by", "coming at", "contacts", "customers", "only after", "only before", "customers after", "customers before", "owners", "units", "held", "held by", "last at", "limits", "made",
    "merged", "most until", "planned", "policies", "under", "window", "without customer", "without date", "year",
})  # fmt: skip

HEADS |= frozenset({"other periods", "part", "amount", "formula given"})  # of indicators

HEADS |= frozenset({  # of the desk
    "account", "administrator", "approved by", "bytes", "chain", "changed", "code", "destroyed again", "entries", "entry", "files", "from", "home", "id", "last seal", "misfits", "office", "password", "person",
    "put aside", "revoked at", "scope", "sealed", "seals", "subjects", "token", "tokens", "told", "until", "used at", "version",
})  # fmt: skip

HEADS |= frozenset({  # of charges and ledgers
    "amount", "balance", "carried", "charged", "charges", "deducted", "dropped", "how", "ledger", "measure", "month",
    "number", "of", "party", "payee", "payer", "period", "refunded", "refused", "reversed", "sanction", "stage",
    "sums", "without amount",
})  # fmt: skip

HEADS |= frozenset({  # of reports and indicators
    "about from", "band", "callbacks on time", "contains", "denominator", "due", "formula", "group", "indicator", "label",
    "method", "numerator", "read as", "share", "target", "target met", "to",
})  # fmt: skip

HEADS |= frozenset({  # of archives
    "apart", "archive", "contents", "filed at", "keep", "keep until", "kept", "over", "readers", "unset", "waiting",
})  # fmt: skip

STATES = frozenset({"open", "met", "late", "overdue", "void", "unset", "waiting", "used", "lapsed"})

VALUES = STATES | {
    "error", "warning", "info",  # levels of findings
    "in force", "proposed", "preview", "reference",  # status of editions
    "range", "external", "absorbed", "capped",  # states of charges, and stages of their life
    "fixed", "confirmed", "rejected", "appealed", "reversed",
    "charged", "deducted", "refunded", "dropped",  # entries of a ledger
    "figure", "no figure", "undefined part",  # states of a figure
    "numerator", "denominator",  # parts of a figure; `excluded` is a head
    "day", "week", "month", "quarter", "half-year", "year",  # kinds of periods
    "kept", "over",  # states of what is archived
    "company",  # who is paid, where the text names nobody else
}  # fmt: skip

SPOKEN = frozenset(
    {
        "state",
        "state_before",
        "state_after",
        "edition",
        "kind",
        "change",
        "level",
        "status",
        "why",
        "stage",
        "refused",
        "part",
        "payer",
        "payee",
    }
)  # columns whose values are words of the engine

PHRASES = {  # where the engine's own word is too short for people
    "edition": {"unknown": "without a date"},
    "kind": {
        "state": "out of order",
        "person": "by the wrong person",
        "gate": "before what it needs",
        "field": "a field is missing or does not fit",
        "early": "too early",
        "backdated": "entered late",
        "prohibited": "forbidden",
        "extra": "not drawn",
        "missing": "not on the list",
        "order": "in the wrong place",
        "seed": "by another seed",
        "time": "at another time",
    },
    "why": {
        "drawn": "by its place",
        "recorded": "drawn before",
        "beyond": "beyond the share",
        "exempt": "exempt",
        "unknown": "not known",
        "void": "no longer owed",
        "waiting": "it is not known whether it is owed",
        "unset": "the text gives no number",
        "absorbed": "absorbed",
        "rejected": "rejected",
        "reversed": "reversed",
        "no-value": "no value",
        "outside": "not in the population",
    },
    "part": {"excluded": "left out"},
    "state": {
        "proposed": "computed",
        "next": "to be asked",
        "answered": "answered",
        "outside": "outside its scale",
        "blank": "may be left blank",
    },
    "stage": {"proposed": "not yet decided"},
    "refused": {  # why a decision has no effect
        "no-such-charge": "there is no charge of that number",
        "no-such-event": "no decision of this kind",
        "not-at-this-stage": "not at this stage",
        "no-reason": "a reason is wanted",
        "not-entitled": "not by a person who holds the role",
        "nothing-to-fix": "the amount is not a person's to fix",
        "nothing-to-confirm": "there is no amount yet",
        "not-an-amount": "no amount that could be read",
        "outside-range": "outside the range of the text; fix an amount within it",
        "month-not-over": "the month is not over",
        "closed-twice": "done before; what came later goes to the next month",
        "later-month-collected": "a later month was collected before",
        "earlier-month-open": "an earlier month has to be settled first",
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
    "outside-calendar": "outside the days of calendar",
    "too-early-ignored": "an event came too early",
    "fact-known-later": "a fact became known later",
    "fact-not-known": "a fact is not known",
    "paused-now": "paused now",
    "document": "in a document that is not held:",
    "payer-not-known": "nobody is known as",
    "multiplied": "multiplied by",
    "multiplier-not-judged": "nobody can tell whether this multiplies:",
    "absorbed-by": "absorbed by",
    "capped-from": "cut by a cap from",
    "no-amount": "no amount yet",
    "not-confirmed": "not confirmed",
    "waits-for": "waits for",
    "no-pay-known": "no pay is known",
    "exempt": "exempt:",
    "no-instant": "without",
    "left-out": "left out, listed behind the figure:",
    "period-not-over": "the period is not over",
    "no-band": "in no band",
    "undefined-part": "no figure for its part",
    "without-value": "rows without a value:",
    "weights-sum": "the weights do not sum as the text says:",
}

PLACES = frozenset(
    {
        "calendar",
        "case",
        "column",
        "event",
        "fact",
        "key",
        "name",
        "parameter",
        "party",
        "person",
        "role",
        "rule",
        "seq",
        "subscription",
        "unit",
    }
)  # that errors name

DOINGS = ("looking through", "looking for the last event", "comparing")  # of `--progress`

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

WORDS = (
    HEADS
    | VALUES
    | PLACES
    | frozenset((*WEEKDAYS, *DOINGS))
    | {text for words in (*PHRASES.values(), NOTES) for text in words.values()}
)
