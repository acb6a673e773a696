"""What the functions of one worker process share: the settings, read once, and the ports made from them."""

import os
from functools import cache

from fanfold.storage.azure import AzurePorts
from fanfold.storage.clients import queue_service
from fanfold.storage.intake import Intake
from fanfold.storage.published import PublishedReports
from fanfold.storage.settings import read_settings
from fanfold.storage.webhook import WebhookQueue

SETTINGS = read_settings(os.environ)
"""Read when the app is loaded: an app with a bad setting does not start."""


@cache
def intake() -> Intake:
    """What requests name and bring, connected at first use."""
    return Intake(SETTINGS)


@cache
def published() -> PublishedReports:
    """Reports that are there, connected at first use."""
    return PublishedReports(SETTINGS)


@cache
def webhook_queue() -> WebhookQueue:
    """Deliveries that wait, connected at first use."""
    return WebhookQueue(queue_service(SETTINGS), SETTINGS.completions_queue)


@cache
def ports() -> AzurePorts:
    """The outside world, connected at first use."""
    return AzurePorts(SETTINGS)
