"""Makes no FunctionApp."""

import azure.functions as func

blueprint = func.Blueprint
