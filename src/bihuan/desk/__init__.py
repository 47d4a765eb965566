"""The desk: one Django app on which people live through cases, judged by the engine after every event.

`actions` alone writes, `queries` reads what pages and API show, `access` says who may. A case is its events; what is
owed is a projection that `rebuild` makes anew. No rule of a regulation is known here: the engine is asked.
"""
