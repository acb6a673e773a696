"""The forms that commands print in; apart from the commands, whose arguments are known without importing them."""

REPORTS = ("json", "html", "md")
LINES = ("text", "json")
