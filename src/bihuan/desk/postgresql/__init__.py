"""PostgreSQL as Django has it, except that nobody waits for it without end (`patience`)."""
