"""A local host for Azure Functions Python v2 and Durable Functions apps: no Docker, no Core Tools, no account."""
