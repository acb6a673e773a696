"""Processors that come with Fanfold, each chosen by the name of its module."""
