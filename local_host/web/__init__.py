"""The HTTP surface: HTTP functions, the Durable management API, the admin endpoints."""
