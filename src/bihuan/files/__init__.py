"""The only place that opens files: policies, calendars, logs, mappings and sites, to and from engine values."""
