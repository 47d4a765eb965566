-- The twelve rules of office.toml in SQL, as an analyst writes them who knows this log: one row a case, an instant a
-- column, calendar tables joined. `wide`, `days`, `ordinals` and `slots` come from joins.py; instants are seconds.
-- It is true only where every event comes once a case and in the order of the course, and the zone never changes
-- its clocks. A due time of days is the last second of its day.
--
-- Working days are compared by their numbers: an instant is not past the end of working day n if fewer than n
-- working days lie wholly before its date (`past`); it is before that last second if fewer than n have ended (`shut`).
CREATE OR REPLACE TEMP MACRO day_of(t) AS (t + 28800) // 86400;
CREATE OR REPLACE TEMP MACRO end_of(day) AS (day + 1) * 86400 - 28800 - 1;
CREATE OR REPLACE TEMP MACRO shut(d, t) AS CASE WHEN t = end_of(d.day) THEN d.number ELSE d.past END;
CREATE OR REPLACE TEMP MACRO worked(d, t) AS
  d.worked + greatest(least(t, d.closes_am) - d.opens_am, 0) + greatest(least(t, d.closes_pm) - d.opens_pm, 0);
-- Paused when it ended, or when asked: nothing is late then.
CREATE OR REPLACE TEMP MACRO halted(stopped, stop, go, until) AS
  coalesce(stopped AND stop <= until AND (go > until) IS NOT FALSE, false);

WITH near AS (
  SELECT
    wide.*,
    a.number AS accepted_n, a.day AS accepted_day, d.number AS dispatched_n, p.number AS replied_n, c.number AS closed_n,
    worked(a, accepted) AS accepted_w, worked(d, dispatched) AS dispatched_w, worked(s, suspended) AS suspended_w,
    worked(r, resumed) - worked(s, suspended) AS paused_w,
    r.number - s.number AS paused_n, r.past AS resumed_past, shut(s, suspended) AS suspended_shut, e.past AS extended_past,
    r.day - s.day AS paused_days
  FROM wide
  LEFT JOIN days AS a ON a.day = day_of(accepted)
  LEFT JOIN days AS d ON d.day = day_of(dispatched)
  LEFT JOIN days AS s ON s.day = day_of(suspended)
  LEFT JOIN days AS r ON r.day = day_of(resumed)
  LEFT JOIN days AS e ON e.day = day_of(extended)
  LEFT JOIN days AS p ON p.day = day_of(replied)
  LEFT JOIN days AS c ON c.day = day_of(closed)
),
-- Hours that pass and dates that pass: arithmetic.
passing AS (
  SELECT 'dispatch' AS rule, unit, dispatched AS done, withdrawn, false AS halt, accepted + 1800 AS due
  FROM near WHERE accepted IS NOT NULL
  UNION ALL
  SELECT 'report', unit, reported, withdrawn, false, accepted + 86400 FROM near WHERE severity = 'severe'
  UNION ALL
  SELECT 'call', unit, called_back, withdrawn, false, answered + 86400 FROM near WHERE answered IS NOT NULL
  UNION ALL
  SELECT 'close', unit, closed, withdrawn, false, end_of(day_of(resolved) + 3) FROM near WHERE resolved IS NOT NULL
  UNION ALL
  SELECT 'resolve', unit, resolved, withdrawn, halt, due FROM (
    SELECT
      unit, resolved, withdrawn,
      end_of(accepted_day + 10) AS plain,
      suspended > accepted AND suspended < plain AS stopped,
      halted(stopped, suspended, resumed, coalesce(resolved, withdrawn, $as_of)) AS halt,
      plain + CASE WHEN stopped AND NOT halt THEN coalesce(paused_days, 0) ELSE 0 END * 86400 AS due
    FROM near WHERE accepted IS NOT NULL
  )
),
-- Working hours: so much must have been worked by then; the slot in which that falls is the last that begins below it.
contact AS (
  SELECT unit, contacted, escalated, withdrawn, slots.opens + accepted_w + 7200 - slots.before AS due
  FROM near ASOF JOIN slots ON accepted_w + 7200 > slots.before
),
arrive AS (
  SELECT unit, arrived, withdrawn, halt, slots.opens + need - slots.before AS due
  FROM (
    SELECT
      unit, arrived, withdrawn, dispatched_w + 28800 AS plain,
      suspended > dispatched AND suspended_w < plain AS stopped,
      halted(stopped, suspended, resumed, coalesce(arrived, withdrawn, $as_of)) AS halt,
      plain + CASE WHEN stopped AND NOT halt THEN coalesce(paused_w, 0) ELSE 0 END AS need
    FROM near WHERE dispatched IS NOT NULL
  ) ASOF JOIN slots ON need > slots.before
),
-- Working days: the number of the last one, lengthened by what was granted in time and by the pause. Where the last one
-- was over when the pause ended, one day is left: the next that counts.
limited AS (
  SELECT
    rule, unit, done, withdrawn, stop, go,
    stop > start AND suspended_shut < n AS stopped_first,
    more > 0 AND extended > start AND CASE
      WHEN stopped_first AND stop <= extended AND (go <= extended) IS NOT TRUE THEN true
      WHEN stopped_first AND stop <= extended THEN extended_past < n + paused_n + (resumed_past >= n + paused_n)::INT
      ELSE extended_past < n
    END AS granted,
    n + CASE WHEN granted THEN more ELSE 0 END AS plain,
    stop > start AND suspended_shut < plain AS stopped,
    halted(stopped, stop, go, coalesce(done, withdrawn, $as_of)) AS halt,
    n + paused_n + CASE WHEN granted AND extended <= go THEN more ELSE 0 END AS then_last,
    plain + CASE WHEN stopped AND NOT halt THEN coalesce(paused_n + (resumed_past >= then_last)::INT, 0) ELSE 0 END AS last
  FROM (
    SELECT
      'answer' AS rule, unit, accepted AS start, answered AS done, withdrawn, accepted_n + 5 AS n, 5 AS more,
      suspended AS stop, resumed AS go, extended, suspended_shut, extended_past, paused_n, resumed_past
    FROM near WHERE accepted IS NOT NULL
    UNION ALL
    SELECT
      'reply', unit, dispatched, replied, withdrawn, dispatched_n + 3, 3,
      suspended, resumed, extended, suspended_shut, extended_past, paused_n, resumed_past
    FROM near WHERE dispatched IS NOT NULL
    UNION ALL
    SELECT 'review', unit, replied, reviewed, withdrawn, replied_n + 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM near WHERE replied IS NOT NULL
    UNION ALL
    SELECT 'archive', unit, closed, archived, withdrawn, closed_n + 7, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM near WHERE closed IS NOT NULL
  )
),
-- What follows from a missed contact starts when it was missed.
rows AS (
  SELECT * FROM passing
  UNION ALL
  SELECT 'contact', unit, contacted, withdrawn, false, due FROM contact
  UNION ALL
  SELECT
    'escalate', unit, CASE WHEN escalated > due THEN escalated END, withdrawn, false, end_of(day_of(due) + 1)
  FROM contact WHERE coalesce(contacted, withdrawn, $as_of) > due
  UNION ALL
  SELECT 'arrive', unit, arrived, withdrawn, halt, due FROM arrive
  UNION ALL
  SELECT rule, unit, done, withdrawn, halt, ordinals.ends FROM limited JOIN ordinals ON ordinals.number = limited.last
),
told AS (
  SELECT
    rule, unit, coalesce(done, withdrawn, $as_of) - due AS over, over > 0 AND NOT halt AS late,
    CASE
      WHEN done IS NOT NULL THEN CASE WHEN late THEN 'late' ELSE 'met' END
      WHEN late THEN 'overdue'
      WHEN withdrawn IS NOT NULL THEN 'void'
      ELSE 'open'
    END AS state
  FROM rows
)
SELECT rule, unit, state, count(*) AS rows, sum(CASE WHEN late THEN over ELSE 0 END)::BIGINT AS late_by
FROM told GROUP BY ALL ORDER BY ALL
