"""A month's report about a unit: one content, written as a workbook, a PDF to sign and a page that stands alone.

`content` makes the content out of what was judged, assessed and measured; `workbook`, `paper` and `page` only set it.
Nothing is judged here, and no number is formatted twice.
"""
