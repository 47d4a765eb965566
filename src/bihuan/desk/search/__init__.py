"""Search in Chinese over all that is said in cases: an index of pairs of characters, kept by the actions that write.

Every run of letters and digits is cut into overlapping pairs, and words of a query are phrases of such pairs. Long
numbers (telephones, citizens) are found whole or by their last four digits, never by the digits that pages mask. What
the index finds is only shown where the person may see the case and the very fact. Knows no page.
"""

from bihuan.desk.search.finding import SIZE, Hit, Hits, find, similar
from bihuan.desk.search.indexing import forget, index, renew
from bihuan.desk.search.words import phrases

__all__ = ["SIZE", "Hit", "Hits", "find", "forget", "index", "phrases", "renew", "similar"]
