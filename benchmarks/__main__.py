"""`make bench`: all measurements, one after the other. Nothing else should run on the machine meanwhile."""

from benchmarks import joins, mining, replays, working_time

for module in (working_time, replays, joins, mining):
    module.main()
