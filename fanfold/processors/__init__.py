"""The user's own step: what a run makes of its records besides the profile."""
