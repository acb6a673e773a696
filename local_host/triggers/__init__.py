"""What starts a function from outside: blobs, queue messages, schedules."""
