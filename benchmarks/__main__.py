"""`make bench`: all measurements, one after the other. Nothing else should run on the machine meanwhile."""

from benchmarks import mining, replays, working_time

for module in (working_time, replays, mining):
    module.main()
