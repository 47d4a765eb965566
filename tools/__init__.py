"""What developers run; nothing of this is installed."""
