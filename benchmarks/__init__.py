"""Ratios between ours and the neighbours, measured side by side in one run."""
