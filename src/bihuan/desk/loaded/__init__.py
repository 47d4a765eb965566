"""What a portion of a log becomes on the desk, worked out over whole columns: every table's rows before they are written.

The database is asked nothing here, so that the next portion can be worked out while one is written.
"""
