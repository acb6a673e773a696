"""One step per activity; its messages; its policies; the whole run as plain Python."""
