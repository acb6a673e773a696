"""Fanfold's table of contents: every function of the app is in one of these blueprints."""

import azure.durable_functions as df
import azure.functions as func

from blueprints import (
    activities,
    entities,
    health,
    maintenance,
    orchestrators,
    reconciliation,
    requests,
    runs_api,
    triggers,
    webhooks,
)
from blueprints.samples import contents as samples
from blueprints.wiring import SETTINGS

app = df.DFApp(http_auth_level=func.AuthLevel(SETTINGS.http_auth_level))
for blueprint in (
    triggers.bp,
    requests.bp,
    runs_api.bp,
    health.bp,
    maintenance.bp,
    orchestrators.bp,
    entities.bp,
    activities.bp,
):
    app.register_functions(blueprint)
if SETTINGS.reconcile_schedule is not None:
    app.register_functions(reconciliation.bp)
if SETTINGS.webhook is not None:
    app.register_functions(webhooks.bp)
if SETTINGS.samples_enabled:
    for blueprint in samples.BLUEPRINTS:
        app.register_functions(blueprint)
