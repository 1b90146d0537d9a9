# The API: docker build -f deploy/images/api.Dockerfile -t sandbox-api .
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

FROM $BASE_IMAGE
WORKDIR /opt/sandbox-service
COPY deploy/images/packages deploy/images/
RUN deploy/images/packages ca-certificates python3
RUN useradd --no-create-home --home-dir /tmp --uid 10001 sandbox \
 && install -d -o sandbox -m 700 /var/lib/sandbox-service
COPY --from=service /opt/sandbox-service ./
COPY runners/ runners/
ENV PATH=/opt/sandbox-service/.venv/bin:/usr/local/bin:/usr/bin:/bin SANDBOX_HOST=0.0.0.0
EXPOSE 8000
USER 10001
HEALTHCHECK --interval=30s --timeout=30s --start-period=20s CMD ["sandbox-service", "alive", "api"]
CMD ["sandbox-service", "api"]
