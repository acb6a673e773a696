#!/bin/sh
# After a deploy: subscribes the app's blob trigger to the events of the input container.
# azd hands over the outputs of infra/main.bicep as environment variables.
set -eu

# Deployed functions show up, and their key with them, a while after the deploy.
attempts_max=30
pause_s=10

fail() {
    echo "Event subscription: $1" >&2
    exit 1
}

# Prints what the command prints, as soon as it prints something.
await() {
    what=$1
    shift
    attempt=1
    while [ "$attempt" -le "$attempts_max" ]; do
        found=$("$@" 2>/dev/null || true)
        if [ -n "$found" ]; then
            printf '%s' "$found"
            return
        fi
        echo "Waiting for $what ($attempt of $attempts_max)" >&2
        attempt=$((attempt + 1))
        sleep "$pause_s"
    done
    fail "$what did not appear within $((attempts_max * pause_s)) s; run \`azd hooks run postdeploy\` to try again."
}

command -v az >/dev/null || fail "the Azure CLI (az) is not installed."
az account show >/dev/null 2>&1 || fail "the Azure CLI is not signed in: run \`az login\`."
: "${AZURE_FUNCTION_APP_NAME:?}" "${AZURE_RESOURCE_GROUP:?}" "${AZURE_SUBSCRIPTION_ID:?}"

app() {
    az functionapp "$@" --subscription "$AZURE_SUBSCRIPTION_ID" --resource-group "$AZURE_RESOURCE_GROUP" \
        --name "$AZURE_FUNCTION_APP_NAME" --output tsv
}

function=$(await "the blob trigger" app function list --query "[?config.bindings[?type=='blobTrigger']].name | [0]")
key=$(await "the blobs_extension key" app keys list --query "systemKeys.blobs_extension")

az deployment group create --subscription "$AZURE_SUBSCRIPTION_ID" --resource-group "$AZURE_RESOURCE_GROUP" \
    --name event-subscription --template-file "$(dirname "$0")/../subscription.bicep" --output none \
    --parameters \
    topicName="$FANFOLD_EVENT_TOPIC" \
    storageAccountName="$FANFOLD_STORAGE_ACCOUNT" \
    inputContainer="$FANFOLD_INPUT_CONTAINER" \
    deadLetterContainer="$FANFOLD_DEAD_LETTER_CONTAINER" \
    identityId="$FANFOLD_IDENTITY_ID" \
    endpointUrl="https://$AZURE_FUNCTION_APP_NAME.azurewebsites.net/runtime/webhooks/blobs?functionName=Host.Functions.${function#*/}&code=$key"

echo "Every blob created in $FANFOLD_INPUT_CONTAINER of $FANFOLD_STORAGE_ACCOUNT now starts a run."
