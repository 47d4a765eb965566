"""The desk over HTTP beside its peers: `python -m benchmarks.desk.http`."""
