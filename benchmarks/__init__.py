"""What is measured, beside which peers: `make bench`. Memory is kept for reuse, as the commands do that judge logs."""

from bihuan import memory

memory.reuse()
