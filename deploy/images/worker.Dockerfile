# A worker for every language, 5 GB: docker build -f deploy/images/worker.Dockerfile -t sandbox-worker .
ARG BASE_IMAGE=debian:bookworm-slim

FROM $BASE_IMAGE AS service
WORKDIR /opt/sandbox-service
COPY deploy/images/packages deploy/images/service deploy/images/
RUN deploy/images/packages ca-certificates gcc libc6-dev python3
ARG LOCK=requirements.lock
COPY $LOCK requirements.lock
COPY deploy/bootstrap deploy/bootstrap.py deploy/
RUN deploy/images/service
COPY sandbox_service/ sandbox_service/
RUN deploy/bootstrap requirements.lock && python3 -m compileall -q sandbox_service

FROM $BASE_IMAGE AS npm
WORKDIR /opt/sandbox-service
COPY deploy/images/packages deploy/images/
RUN deploy/images/packages ca-certificates python3 npm
COPY deploy/toolchains.py deploy/
RUN python3 deploy/toolchains.py --packages-only

FROM $BASE_IMAGE
WORKDIR /opt/sandbox-service
COPY deploy/images/packages deploy/images/
RUN deploy/images/packages ca-certificates python3 make
COPY --from=npm /usr/local/bin/ /usr/local/bin/
COPY --from=npm /usr/local/lib/node_modules/ /usr/local/lib/node_modules/
COPY Makefile ./
COPY deploy/toolchains.py deploy/
RUN make toolchains APT_OPTIONS=-oDPkg::Options::=--force-unsafe-io \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
COPY runners/ runners/
RUN python3 deploy/toolchains.py
RUN useradd --no-create-home --home-dir /tmp --uid 10001 sandbox \
 && install -d -o sandbox -m 700 /var/lib/sandbox-service
COPY --from=service /opt/sandbox-service ./
ENV PATH=/opt/sandbox-service/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    SANDBOX_STATE_DIRECTORY=/var/lib/sandbox-service
VOLUME /var/lib/sandbox-service
USER 10001
HEALTHCHECK --interval=60s --timeout=30s --start-period=60s CMD ["sandbox-service", "alive", "worker"]
CMD ["sandbox-service", "worker"]
