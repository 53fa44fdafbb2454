# One file for every service: docker build --build-arg SERVICE=score -t otzvuk-score .
# Only `score` carries torch and only `transcribe` CTranslate2; the others stay small.
FROM python:3.11-slim-bookworm AS build
ARG SERVICE
RUN test -n "$SERVICE" || (echo "give --build-arg SERVICE=ingest|transcribe|score|review" && false)
WORKDIR /srv/otzvuk
RUN python -m venv /opt/otzvuk
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY schemas schemas
COPY services services
COPY demo demo
# Weights as packages, for the two services that use any; PIP_* arguments of the build are respected.
RUN case "$SERVICE" in transcribe|score) extras="$SERVICE,models" ;; *) extras="$SERVICE" ;; esac \
    && /opt/otzvuk/bin/pip install --no-cache-dir -c requirements.lock -e ".[$extras]"

# The review pages serve their scripts themselves; they come from npm by the lock file.
FROM node:22-bookworm-slim AS web
WORKDIR /web
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund

FROM python:3.11-slim-bookworm
ARG SERVICE
LABEL org.opencontainers.image.title="otzvuk-$SERVICE" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --create-home --home-dir /home/otzvuk otzvuk \
    && mkdir -p /data /models && chown otzvuk:otzvuk /data /models
COPY --from=build /opt/otzvuk /opt/otzvuk
COPY --from=build /srv/otzvuk /srv/otzvuk
COPY --from=web /web/node_modules /srv/otzvuk/node_modules
WORKDIR /srv/otzvuk
ENV PATH=/opt/otzvuk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OTZVUK_DATA_FOLDER=/data \
    OTZVUK_MODELS_FOLDER=/models \
    OTZVUK_BIND_HOST=0.0.0.0 \
    OTZVUK_INGEST_HTTP_PORT=8000 \
    OTZVUK_TRANSCRIBE_HTTP_PORT=8000 \
    OTZVUK_SCORE_HTTP_PORT=8000 \
    OTZVUK_REVIEW_HTTP_PORT=8000 \
    OTZVUK_REVIEW_WORKER_HTTP_PORT=8000 \
    SERVICE=$SERVICE
USER otzvuk
VOLUME ["/data", "/models"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["sh", "-c", "exec otzvuk \"$SERVICE\""]
