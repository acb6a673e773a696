"""Profile to report.json and report.html."""
