// Who may do what: the app, and the person who deploys.
param storageAccountName string
param insightsName string
param schedulerName string
param appPrincipalId string
param personPrincipalId string
param personPrincipalType string

var roles = {
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  durableTaskDataContributor: '0ad04412-c4d5-4796-b79c-f76d14c8d402'
}

var app = [{ id: appPrincipalId, type: 'ServicePrincipal' }]
var person = empty(personPrincipalId) ? [] : [{ id: personPrincipalId, type: personPrincipalType }]
var both = concat(app, person)

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' existing = {
  name: schedulerName
}

resource blobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for who in both: {
    name: guid(account.id, who.id, roles.storageBlobDataOwner)
    scope: account
    properties: {
      principalId: who.id
      principalType: who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataOwner)
    }
  }
]

resource queues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for who in both: {
    name: guid(account.id, who.id, roles.storageQueueDataContributor)
    scope: account
    properties: {
      principalId: who.id
      principalType: who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageQueueDataContributor)
    }
  }
]

resource tables 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for who in app: {
    name: guid(account.id, who.id, roles.storageTableDataContributor)
    scope: account
    properties: {
      principalId: who.id
      principalType: who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageTableDataContributor)
    }
  }
]

resource metrics 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for who in app: {
    name: guid(insights.id, who.id, roles.monitoringMetricsPublisher)
    scope: insights
    properties: {
      principalId: who.id
      principalType: who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringMetricsPublisher)
    }
  }
]

resource orchestrations 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for who in both: {
    name: guid(scheduler.id, who.id, roles.durableTaskDataContributor)
    scope: scheduler
    properties: {
      principalId: who.id
      principalType: who.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.durableTaskDataContributor)
    }
  }
]
