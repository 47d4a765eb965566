"""A made-up month of complaints at a county power company, as its ticket system might have exported it.

Nothing here is anybody's data: units, people, customers and hours come out of a seeded generator, the same for the
same seed. It knows how such an office works (who is quick, who forgets, what comes back), not what the regulation
says about it: judging is the engine's business.
"""
