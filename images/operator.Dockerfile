# The operator: `docker build --file images/operator.Dockerfile .images/context` after `make images` gathered it.
# Builds with docker, podman and buildah alike; both stages need no network.
ARG BASE=docker.io/library/python:3.13-slim-trixie

FROM ${BASE} AS install
COPY wheels/ /wheels/
COPY root_filesystem.py /
RUN python3 -m venv --without-pip /opt/parley \
 && python3 "$(echo /wheels/pip-*.whl)/pip" --python /opt/parley/bin/python install --quiet --no-index --no-compile \
    --no-deps --disable-pip-version-check --root-user-action=ignore --find-links=/wheels -r /wheels/operator.txt \
 && python3 /root_filesystem.py /opt/parley /root-filesystem

FROM scratch
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Parley operator" \
      org.opencontainers.image.description="Turns ChatCluster resources into running chat platforms" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=install /root-filesystem/ /
ENV PATH=/opt/parley/bin:/usr/local/bin:/usr/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LANG=C.UTF-8
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["/opt/parley/bin/parley-operator"]
CMD ["--help"]
