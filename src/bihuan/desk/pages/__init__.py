"""The pages: each fetches with the right it demands, parses with a form, calls one action, renders."""
