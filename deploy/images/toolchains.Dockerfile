# What a box needs to have around it: a stock system with the compilers; the checkout is mounted, not copied.
ARG BASE_IMAGE=debian:bookworm-slim
FROM $BASE_IMAGE
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 gcc g++ libc6-dev \
 && rm -rf /var/lib/apt/lists/*
