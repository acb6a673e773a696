"""Create the containers and queues that the app settings name, where they are missing.

For storage without an owner of its own, as the emulator's: in Azure, `infra/storage.bicep` creates them.
"""

import os
import sys

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

CONTAINERS = {"INPUT_CONTAINER": "input", "OUTPUT_CONTAINER": "output", "WORK_CONTAINER": "work"}
QUEUES = {"REQUESTS_QUEUE": "requests", "COMPLETIONS_QUEUE": "completions"}


def main() -> int:
    """Create what is missing in the account of `AzureWebJobsStorage`, or of the emulator on this machine."""
    connection = os.environ.get("AzureWebJobsStorage", "UseDevelopmentStorage=true")  # noqa: SIM112 - the platform's name
    blobs = BlobServiceClient.from_connection_string(connection)
    queues = QueueServiceClient.from_connection_string(connection)
    for create, names in ((blobs.create_container, CONTAINERS), (queues.create_queue, QUEUES)):
        for setting, default in names.items():
            try:
                create(os.environ.get(setting, default))
            except ResourceExistsError:
                continue
    return 0


if __name__ == "__main__":
    sys.exit(main())
