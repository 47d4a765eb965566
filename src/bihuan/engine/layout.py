"""How a policy is laid out in integers: the records that `program` writes and `fold` reads.

Records are lists of integers, a field is a place in them (`rule[WITHIN]`), a table is a column of records
(`prog.rules[n]`) or of integers; interpreted they are lists, compiled arrays. -1 means "none" everywhere, except for
instants, where it is `clock.NONE`. The modules of the fold import this one whole: it holds nothing but these numbers.
"""

# What a rule record is. Counts, prohibitions and marks take part in the same order of dependence as obligations.
(OBLIGATION, WINDOW, COUNT, PROHIBITION, MARK) = range(5)

# A rule record. `_COL` fields name a column of `rows.values`, `WHEN` a column of `rows.tests`.
(
    KIND,
    AFTER_PARTS,  # bits that must all have come before the trigger is complete; 0: the START bit is the trigger
    OWES_PARTS,  # likewise for the ending
    OWES,  # every bit that is a part of the ending
    AT_ONCE,  # 1: the first of them ends it
    HITS,  # how many owed events are needed (counts: the number to reach)
    ONCE,
    WHEN,
    PER,  # column of the key that separates instances
    WITHIN,  # limit, UNSET or UNLIMITED (both below zero)
    WITHIN_COL,
    INSTANT_COL,  # an instant used as due time
    BRINGS,  # of a rule with keys: the test whether a row itself brings the instant that is followed
    TARGET,
    TARGET_COL,
    NOT_BEFORE,
    NOT_BEFORE_COL,
    NOT_BEFORE_DAYS,  # the day conventions of NOT_BEFORE: DAYS without a roll
    AHEAD,  # 1: due ahead of an event (ANCHOR) or of the instant in AHEAD_COL
    AHEAD_COL,
    LEAD,
    LEAD_COL,
    DAYS,
    CALENDAR,
    CALENDAR_COL,
    STRICT,
    WATCHED,  # something listens to `missed`
    MEASURES_ALL,  # 1: its pauses are counted in each of the MEASURES
    OUTCOME,  # code of `<rule>.met`; late, missed, void follow. -1: nobody listens
    PAUSES,  # first and one-past-last record of its pauses, extensions
    PAUSES_END,
    EXTENSIONS,
    EXTENSIONS_END,
    PERIOD,  # period record, -1: not recurring
    INSIDE,  # prohibitions: the window that must be open
    IN,  # counts: period record or -1 for the whole case
    ADDS,  # counts: the limit that is the unit in which `adds` adds up, -1: count events
    ADDS_PART,  # 1: begun units, 0: full ones
    ONCE_PER,  # counts: period record
    LOOKS_UP,  # 1: some of its limits, instants or its calendar stand in columns, or it has further limits
) = range(40)
RULE = 40

LACKS = -2  # a test or value that cannot be told for want of a parameter; -1: for want of a fact
UNSET, UNLIMITED = -1, -2  # values of WITHIN that are no limit

# Bits that an action fires in a rule; bits from PART on belong to the parts of that rule's own patterns.
START, END, VOID, RESTART, ANCHOR = 1, 2, 4, 8, 16
PART = 32

# Who hears an event: the bits it surely fires in a rule, and what has to be asked first about further ones.
(HEARD_RULE, HEARD_BITS, HEARD_DOES, HEARD_ASKS, HEARD_ASKS_END) = range(5)
HEARD = 5
# What an event does to a rule that has neither keys nor periods nor conditions: surely open it, surely end it.
(ACTS, OPENS, ENDS) = range(3)
(ASK_BITS, ASK_TEST, ASK_PERSONS, ASK_MARK, ASK_SINCE) = range(5)  # so many persons did what MARK remembers
ASK = 5

(PAUSE_FROM, PAUSE_TO, PAUSE_BOTH, PAUSE_HOLDS) = range(4)
PAUSE = 4

(
    EXTENSION_PARTS,
    EXTENSION_WHEN,
    EXTENSION_TO,
    EXTENSION_TO_COL,
    EXTENSION_TO_INSTANT,
    EXTENSION_ADD,
    EXTENSION_ADD_COL,
    EXTENSION_AT_MOST,
    EXTENSION_IN_TIME,
) = range(9)
EXTENSION = 9

# Periods: BY_DAYS n days from the anchor, BY_MONTHS n months, BY_SECONDS a rolling amount, BY_WORKDAY each counted day.
(BY_DAYS, BY_MONTHS, BY_SECONDS, BY_WORKDAY) = range(4)
(PERIOD_KIND, PERIOD_N, PERIOD_ROLLING, PERIOD_CLOCK, PERIOD_ENDS, PERIOD_FROM, PERIOD_UNTIL) = range(7)
PERIOD_FIELDS = (
    7  # PERIOD_ENDS 1: an instance starts when its period ends; FROM, UNTIL: limits after the start
)

# A step record points at runs of `step_items`.
(
    STEP_WHEN,
    STEP_FROM,  # mask of states, 0: any
    STEP_TO,  # state, -1: stays
    STEP_TRACK,
    STEP_REQUIRES,
    STEP_INSIDE,
    STEP_REFUSED,
    STEP_BY,
    STEP_NOT_BY,
    STEP_DISTINCT,
    STEP_NEEDS,
    STEP_SETTLED,
    STEP_ASKS,
    STEP_ITEMS_END,
) = range(14)
STEP = 14
# Items of `by` and `not_by`: a test column, or -2 - mark for a role that somebody earned by an event.
# Items of `distinct`: a person column, or -2 - mark. Items of `needs`: mark, since-mark, persons. Of `asks`: test, when.

# An instance of a rule: while its case is folded what is known of it, afterwards a row of the outcome. The program has
# a blank one of every rule; from WOUND on, an instance is blank again when its clock starts anew.
(
    I_RULE,
    I_ROUND,
    I_KEY,
    I_ROW,  # row of the trigger
    I_DONE,
    I_ENDED,  # when a breach stopped growing, or the row was voided
    I_END_ROW,
    I_STATE,
    I_FLAGS,
    I_NEXT,  # next older open instance of the rule
    I_PERIOD_END,
    I_PAUSING,  # bits of the pauses running now
    I_PAUSED_AT,
    I_HELD_AT,
    I_STARTED,
    I_BEGAN,  # row at which the clock began, of the trigger or of what started it anew
    I_DUE,
    I_WARN,
    I_NOT_BEFORE,
    I_LIMIT,
    I_CALENDAR,
    I_EXTRA,
    I_PAUSED,  # four columns: what the pauses took, in each of the MEASURES
    I_PAUSED_WORK,
    I_PAUSED_WORKDAYS,
    I_PAUSED_DAYS,
    I_OUT_UNTIL,  # the date of this instant is out of the count already: the end of the last pause
    I_FIXED,  # due time given as an instant
    I_AHEAD,  # due time by `ahead_of`
    I_INSTANT,  # the value of INSTANT_COL or AHEAD_COL that was followed last
    I_PARTS,
    I_HITS,
) = range(32)
INSTANCE = 32
WOUND = I_STARTED

# The first limits of every program: a second, a working second, a working day, a day. What a pause takes is measured
# in all of them, for an extension may change the unit of the limit afterwards.
MEASURES = 4

# States of a row, in the order of `outcome.STATES`.
(S_OPEN, S_MET, S_LATE, S_OVERDUE, S_VOID, S_UNSET, S_WAITING, S_USED, S_LAPSED) = range(9)

# Flags of a row: why it says what it says. `outcome` turns them into the note.
F_IGNORED = 1  # a trigger came while the instance was open
F_MOVED = 2  # the agreed instant moved
F_EXTENDED = 4
F_EXTENSION_REFUSED = 8  # after the due time, or its condition did not hold
F_RESTARTED = 16
F_PAUSED = 32
F_PAUSE_IGNORED = 64  # begun after the due time
F_DATE_ONLY = 128  # a date without a time cannot judge a limit in hours
F_OUT_OF_RANGE = 256  # before the calendar's first day or past its last
F_MISSED = 512  # the due time has passed undone
F_EARLY = 1024  # an owed event came before `not_before`
F_LATER_FACT = 2048  # judged by a fact that became known after the start
F_UNSET = 4096
F_WAITING = 8192
F_STILL_PAUSED = 16384
F_UNTOLD = 32768  # void by an event that voided another of its rule too: nobody has heard it yet
DOUBTFUL = F_DATE_ONLY | F_OUT_OF_RANGE | F_UNSET | F_WAITING  # nobody can say whether it is late

# A tally: how far a count has come for one key.
(T_RULE, T_KEY, T_COUNT, T_PERIOD, T_ONCE) = range(5)
TALLY = 5

# What effect an event has under the steps: none, all it has, or all but that it ends what is owed.
(REFUSED, EFFECTIVE, ENDS_NOTHING) = range(3)

# Findings: what was irregular at a row, or which count was reached.
(K_STATE, K_PERSON, K_GATE, K_FIELD, K_EARLY, K_PROHIBITED, K_REACHED) = range(7)
(FINDING_CASE, FINDING_ROW, FINDING_AT, FINDING_KIND, FINDING_STEP, FINDING_RULE, FINDING_DETAIL) = range(7)
FINDING = 7

# Scalars of the running case.
(
    W_LOW,  # first and last rule in which something was raised that it has not heard yet
    W_HIGH,
    W_NEXT,  # the next instant at which something happens by time alone
    W_COUNT,  # instances so far, and how many of them the cases before have
    W_BASE,
    W_FIRST,  # first row of the case, and the one after its last
    W_STOP,
    W_AS_OF,
    W_CASE,
    W_TALLIES,
    W_ENDED,  # the instance of which something is raised now
    W_VOIDED,  # which rule's instance was raised as void last, at which row
    W_UNTOLD,  # whether an instance is void and nobody has heard it yet
) = range(13)
SCALARS = 13

# Scalars of the output: findings and rows written, whether a buffer was full, the first case that was folded.
(O_FINDINGS, O_ROWS, O_FULL, O_BEGIN) = range(4)

# Sizes of the program. N_START is the code of the start of a case: those below are events, those above outcomes.
(N_RULES, N_TESTS, N_VALUES, N_TRACKS, N_START, N_PERIODIC, N_FOLLOWS, N_WATCHED, N_RING) = range(9)
