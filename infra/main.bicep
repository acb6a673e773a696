// Everything Fanfold needs in Azure, in one resource group. Nobody holds a key: the app and the person who deploys
// reach storage and the scheduler by identity and role.
targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment; every name is derived from it.')
param environmentName string

@minLength(1)
@description('Region of all resources. It must offer Flex Consumption and the Durable Task Scheduler.')
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('Object id of who deploys: may upload datasets, read reports and open the dashboard. Empty: nobody.')
param principalId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
@description('What that object is.')
param principalType string = 'User'

@allowed(['Consumption', 'Dedicated'])
@description('Plan of the scheduler. Consumption bills by action, Dedicated by capacity.')
param schedulerSku string = 'Consumption'

@minValue(40)
@maxValue(1000)
@description('Most instances that the app is scaled out to.')
param maximumInstanceCount int = 40

@secure()
@description('Where the end of each run is told to, besides the queue. Empty: nowhere.')
param completionWebhookUrl string = ''

@secure()
@description('What those requests are signed with: whsec_ and base64 of 24 to 64 bytes.')
param completionWebhookSecret string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var appName = 'func-fanfold-${token}'
var names = {
  input: 'input'
  output: 'output'
  work: 'work'
  packages: 'app-packages'
  deadLetters: 'undelivered-events'
  requests: 'requests'
  completions: 'completions'
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-fanfold-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-fanfold-${token}'
    insightsName: 'appi-fanfold-${token}'
    location: location
    tags: tags
  }
}

module storage 'storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    containers: [names.input, names.output, names.work, names.packages, names.deadLetters]
    queues: [names.requests, names.completions]
    workContainer: names.work
  }
}

module scheduler 'scheduler.bicep' = {
  name: 'scheduler'
  scope: group
  params: {
    name: 'dts-fanfold-${token}'
    taskHubName: 'fanfold'
    skuName: schedulerSku
    location: location
    tags: tags
  }
}

module events 'events.bicep' = {
  name: 'events'
  scope: group
  params: {
    topicName: 'evgt-fanfold-${token}'
    storageAccountName: storage.outputs.name
    identityId: identity.outputs.id
    location: location
    tags: tags
  }
}

module roles 'roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    storageAccountName: storage.outputs.name
    insightsName: monitoring.outputs.insightsName
    schedulerName: scheduler.outputs.name
    appPrincipalId: identity.outputs.principalId
    personPrincipalId: principalId
    personPrincipalType: principalType
  }
}

module app 'app.bicep' = {
  name: 'app'
  scope: group
  params: {
    name: appName
    planName: 'plan-fanfold-${token}'
    location: location
    tags: union(tags, { 'azd-service-name': 'app' })
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    packagesContainer: names.packages
    insightsConnectionString: monitoring.outputs.connectionString
    webhookUrl: completionWebhookUrl
    webhookSecret: completionWebhookSecret
    maximumInstanceCount: maximumInstanceCount
    settings: {
      INPUT_CONTAINER: names.input
      OUTPUT_CONTAINER: names.output
      WORK_CONTAINER: names.work
      REQUESTS_QUEUE: names.requests
      COMPLETIONS_QUEUE: names.completions
      BLOB_TRIGGER_SOURCE: 'EventGrid'
      INPUT_PREFIX: ''
      INPUT_SUFFIXES: ''
      REQUEST_CONTAINERS: ''
      RECONCILE_SCHEDULE: '0 */5 * * * *'
      HTTP_AUTH_LEVEL: 'function'
      // They are for trying and showing; 'true' lets whoever has a function key start them here too.
      SAMPLES_ENABLED: 'false'
      TASKHUB_NAME: scheduler.outputs.taskHubName
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler.outputs.endpoint};Authentication=ManagedIdentity;ClientID=${identity.outputs.clientId}'
    }
  }
  // Without its roles the app starts, fails, and backs off.
  dependsOn: [roles]
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output FANFOLD_URL string = app.outputs.url
output FANFOLD_STORAGE_ACCOUNT string = storage.outputs.name
output FANFOLD_SCHEDULER string = scheduler.outputs.name
output FANFOLD_TASK_HUB string = scheduler.outputs.taskHubName
output FANFOLD_EVENT_TOPIC string = events.outputs.topicName
output FANFOLD_INPUT_CONTAINER string = names.input
output FANFOLD_DEAD_LETTER_CONTAINER string = names.deadLetters
output FANFOLD_IDENTITY_ID string = identity.outputs.id
