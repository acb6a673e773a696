"""The URLs of the Durable management API, and the durable client binding that is made of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote_plus

BASE_PATH = "/runtime/webhooks/durabletask"


@dataclass(frozen=True, slots=True)
class Links:
    """Where this host's Durable management API is."""

    base_url: str
    hub: str
    key: str

    @property
    def api(self) -> str:
        """The API's root, without a slash at its end."""
        return self.base_url + BASE_PATH

    def of_instance(self, instance_id: str) -> dict[str, str]:
        """What ``create_check_status_response`` answers with."""
        instance = f"{self.api}/instances/{quote_plus(instance_id)}"
        query = f"taskHub={quote_plus(self.hub)}&connection=Storage&code={self.key}"
        return {
            "id": instance_id,
            "statusQueryGetUri": f"{instance}?{query}",
            "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}?{query}",
            "terminatePostUri": f"{instance}/terminate?reason={{text}}&{query}",
            "rewindPostUri": f"{instance}/rewind?reason={{text}}&{query}",
            "purgeHistoryDeleteUri": f"{instance}?{query}",
            "restartPostUri": f"{instance}/restart?{query}",
            "suspendPostUri": f"{instance}/suspend?reason={{text}}&{query}",
            "resumePostUri": f"{instance}/resume?reason={{text}}&{query}",
        }

    def client_binding(self) -> str:
        """The JSON that the SDK's ``DurableOrchestrationClient`` is made of."""
        create = f"{self.api}/orchestrators/{{functionName}}[/{{instanceId}}]"
        wait = "timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}"
        return json.dumps(
            {
                "taskHubName": self.hub,
                "creationUrls": {
                    "createNewInstancePostUri": f"{create}?code={self.key}",
                    "createAndWaitOnNewInstancePostUri": f"{create}?{wait}&code={self.key}",
                },
                "managementUrls": self.of_instance("INSTANCEID"),
                "baseUrl": self.api,
                "requiredQueryStringParameters": f"code={self.key}",
                "rpcBaseUrl": f"{self.api}/",
            }
        )
