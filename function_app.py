"""Fanfold's table of contents: every function of the app is in one of these blueprints."""

import azure.durable_functions as df
import azure.functions as func

from blueprints import activities, entities, maintenance, orchestrators, triggers
from blueprints.samples import contents as samples
from blueprints.wiring import SETTINGS

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
for blueprint in (triggers.bp, maintenance.bp, orchestrators.bp, entities.bp, activities.bp):
    app.register_functions(blueprint)
if SETTINGS.samples_enabled:
    for blueprint in samples.BLUEPRINTS:
        app.register_functions(blueprint)
