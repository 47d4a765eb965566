"""`make bench`: all measurements, one after the other. Nothing else should run on the machine meanwhile."""

from benchmarks import draws, figures, joins, mining, reading, replays, start, working_time
from benchmarks.desk import loading, searching
from benchmarks.desk.http import __main__ as desk_http

for module in (
    start,
    working_time,
    replays,
    figures,
    draws,
    joins,
    mining,
    reading,
    loading,
    searching,
    desk_http,
):
    module.main()
