# Easel with everything: Discord, Slack, PostgreSQL, buckets. `docker build -t easel .`
# By tag here; to pin: --build-arg PYTHON_IMAGE=python:3.12-slim@sha256:... (docs/operations.md, "Images").
ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY deploy/constraints.txt /constraints.txt
# Both: which of them holds for what builds the wheel depends on pip's version.
ENV PIP_CONSTRAINT=/constraints.txt \
    PIP_BUILD_CONSTRAINT=/constraints.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY integrations ./integrations
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
# The environment is copied as a whole: it must stand at the same path in the image that runs.
RUN python -m venv /opt/easel \
    && /opt/easel/bin/pip install --no-cache-dir "$(ls /wheels/easel_bot-*.whl)[all]"

FROM ${PYTHON_IMAGE}
RUN groupadd --system --gid 10001 easel \
    && useradd --system --uid 10001 --gid easel --home-dir /data --shell /usr/sbin/nologin easel \
    && install -d -o easel -g easel -m 0700 /data
COPY --from=build /opt/easel /opt/easel
ENV PATH=/opt/easel/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    EASEL__HTTP__HOST=0.0.0.0
USER easel
# The database and the pictures, and easel.toml if it is not mounted elsewhere.
WORKDIR /data
VOLUME /data
EXPOSE 8420
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8420/healthz', timeout=4)"]
# Longer than [worker] grace_s: docker stop -t 45
STOPSIGNAL SIGTERM
ENTRYPOINT ["easel"]
CMD ["run"]
