"""From what was `Told` to messages: who gets it, in which words, when, and by which channel.

`outbox` writes down for whom a thing is, in one transaction with the claim; `sending` carries it out. What falls due is
not known here: `tick` has found it.
"""
