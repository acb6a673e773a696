"""Fan out, fold in: a dataset in, its profile out."""
