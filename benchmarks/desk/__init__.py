"""How quickly the desk's record is written: `python -m benchmarks.desk`."""
