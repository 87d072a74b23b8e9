# The images of compose.yaml and of deploy/kubernetes. `ours` holds one environment, as one lock does: KPI job, producers, app and what deploys.
# Never built here: see the README, "With Docker".

FROM maven:3.9-eclipse-temurin-17 AS jar
COPY flink_jobs/format /format
RUN mvn -q -B -f /format/pom.xml package -DskipTests

# Bookworm, because it has a JRE 17: Flink 2.2 and its Python run on no newer one.
FROM python:3.11-slim-bookworm AS cloud
WORKDIR /semaforo
RUN useradd --create-home semaforo && chown semaforo /semaforo
USER semaforo
COPY --chown=semaforo requirements requirements
RUN sh requirements/environment.sh .venv "$(command -v python3.11)" requirements/setup.txt \
    && sh requirements/environment.sh .venv-cloud "$(command -v python3.11)" requirements/cloud.txt
ENTRYPOINT [".venv-cloud/bin/python", "-m", "ministack"]

FROM python:3.11-slim-bookworm AS ours
RUN apt-get update && apt-get install --yes --no-install-recommends openjdk-17-jre-headless g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /semaforo
RUN useradd --create-home semaforo && chown semaforo /semaforo
USER semaforo
COPY --chown=semaforo requirements requirements
RUN sh requirements/environment.sh .venv "$(command -v python3.11)" requirements/dev.txt requirements/setup.txt
COPY --chown=semaforo . .
COPY --from=jar --chown=semaforo /format/target/semaforo-flink.jar flink_jobs/format/target/
# The bundles bring packages from an index: when the image is made, not when it runs.
RUN .venv/bin/python -c "from deploy.local import template; template.synthesise('demo')" \
    && mkdir -p .local/job
ENTRYPOINT [".venv/bin/python", "-m"]

FROM flink:2.2.1-java17 AS distribution

# Flink's own programs beside our environment: the operator starts them by Flink's entry point, as Flink's user.
FROM ours AS flink
USER root
RUN apt-get update && apt-get install --yes --no-install-recommends gettext-base && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 9999 flink && useradd --uid 9999 --gid flink --home-dir /opt/flink flink
COPY --from=distribution /docker-entrypoint.sh /docker-entrypoint.sh
COPY --from=distribution --chown=flink:flink /opt/flink /opt/flink
RUN mkdir -p /opt/flink/plugins/s3-fs-hadoop \
    && mv /opt/flink/opt/flink-s3-fs-hadoop-2.2.1.jar /opt/flink/plugins/s3-fs-hadoop/ \
    && cp flink_jobs/format/target/semaforo-flink.jar /opt/flink/lib/
USER flink
WORKDIR /opt/flink
# The allocator that its entry point would load is not in this image.
ENV FLINK_HOME=/opt/flink PATH=/opt/flink/bin:$PATH DISABLE_JEM_ALLOC=true
ENTRYPOINT ["/docker-entrypoint.sh"]
