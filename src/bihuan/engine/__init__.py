"""Judges logs by policies: values in, tables out. Knows no file, no network and no clock of its own."""
