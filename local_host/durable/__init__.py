"""Durable orchestrations: the engine that keeps them, and the executor that runs them through the real SDK."""
