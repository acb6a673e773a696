"""The app: indexing its functions and invoking them through the SDK's own converters."""
