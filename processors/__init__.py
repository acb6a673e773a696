"""Your own steps: a file here with `process`, `merge` and `report` is chosen by its name, `{"processors": ["name"]}`.

fanfold/processors/contract.py says what they get and give, examples/ has one to start from.
"""
