FROM mcr.microsoft.com/azure-functions/python:4-python3.11

ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    PYTHONDONTWRITEBYTECODE=1

# The libraries change less often than the app: their layer is kept between builds.
COPY requirements.txt /
RUN pip install --no-cache-dir --disable-pip-version-check --requirement /requirements.txt

COPY . /home/site/wwwroot
