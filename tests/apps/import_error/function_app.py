"""Cannot be imported."""

import azure.functions as func

app = func.FunctionApp()

print(undefined_name)
