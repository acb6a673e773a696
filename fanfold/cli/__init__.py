"""The command line: python -m fanfold."""
