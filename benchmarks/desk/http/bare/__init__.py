"""Plain Django over the desk's tables: the same rows, without judging, chain or rights."""
