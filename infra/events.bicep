// The storage account's events. Their subscription needs a key of the running app: subscription.bicep, after the deploy.
param topicName string
param storageAccountName string
param location string
param tags object

@description('Identity that writes undelivered events into their container: the account knows no keys.')
param identityId string

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: topicName
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

output topicName string = topic.name
