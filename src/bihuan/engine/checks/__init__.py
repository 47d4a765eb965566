"""The consistency checks of a policy, by subject; `check` runs them all."""
