# Stands in for the Redis image of a registry: its server, its user, its folder.
ARG BASE_IMAGE=debian:bookworm-slim
FROM $BASE_IMAGE
RUN apt-get update \
 && apt-get install -y --no-install-recommends redis-server \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 999 /data
VOLUME /data
