"""The Azure Functions surface: bindings in, one call, bindings out."""
