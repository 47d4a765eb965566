"""`make bench`: all measurements, one after the other. Nothing else should run on the machine meanwhile."""

from benchmarks import figures, joins, mining, replays, start, working_time

for module in (start, working_time, replays, figures, joins, mining):
    module.main()
