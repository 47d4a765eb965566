"""The desk for other programs, at /api/: what the pages do, as JSON, under a person's token.

Each module is a resource: fetch with the right → one action or query → answer. What may be done and why not is the
engine's to say, through `actions` and `queries`; nothing is judged or written here.
"""
