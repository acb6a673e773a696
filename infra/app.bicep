// The function app, on Flex Consumption.
param name string
param planName string
param location string
param tags object
param identityId string
param identityClientId string
param storageAccountName string
param packagesContainer string
param insightsConnectionString string
param maximumInstanceCount int

@secure()
param webhookUrl string

@secure()
param webhookSecret string

@description('App settings of the app itself.')
param settings object

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}${packagesContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.11'
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: 2048
        // The first event after a quiet time must find somebody at home: a cold start can lose its delivery.
        alwaysReady: [
          {
            name: 'blob'
            instanceCount: 1
          }
        ]
      }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(settings, {
      AZURE_CLIENT_ID: identityClientId
      COMPLETION_WEBHOOK_URL: webhookUrl
      COMPLETION_WEBHOOK_SECRET: webhookSecret
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      // All three: with a blob address alone the host fails on the first poison blob.
      AzureWebJobsStorage__blobServiceUri: account.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: account.properties.primaryEndpoints.queue
      AzureWebJobsStorage__tableServiceUri: account.properties.primaryEndpoints.table
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      // An instance of this size has one core and one worker process: more instances, not more activities on one.
      AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions: '1'
    })
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
