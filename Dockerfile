# The verifier in an image: what `pip install rollproof` installs, compiled, for a user without rights.
#
#     docker build -t rollproof .
#     docker run --rm -v "$PWD:/work" --user "$(id -u):$(id -g)" -e ROLLPROOF_DATABASE_URL -e PGPASSWORD rollproof verify
#
# Files (baseline.json, rollproof.toml, rollproof-report/) are in /work. pg_dump is not in it: as a second witness it must be as new
# as the server, so add the one you need (docs/install.md).
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /source
RUN python3 -m venv /build && python3 -m venv --without-pip /opt/rollproof
COPY .ci/build.lock .ci/core.lock ./
# Versions and hashes are those of requirements.lock.
RUN /build/bin/pip install --quiet --no-cache-dir --require-hashes --requirement build.lock \
    && /build/bin/pip --python /opt/rollproof/bin/python install --quiet --no-cache-dir --require-hashes --only-binary :all: \
        --requirement core.lock
COPY . .
# Compiled once and for all: the user may write nothing here, so each run would compile all it imports anew: half as much CPU again.
# That the modules are unchanged is taken as given, without a look at their times, which an image's layers may round.
RUN /build/bin/python -m hatchling build --target wheel --directory /wheels \
    && /build/bin/pip --python /opt/rollproof/bin/python install --quiet --no-cache-dir --no-deps --no-compile /wheels/*.whl \
    && /opt/rollproof/bin/python -m compileall -q -f --invalidation-mode unchecked-hash /opt/rollproof/lib

FROM ${BASE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rollproof" \
    org.opencontainers.image.description="Did the rollback of this migration really put the PostgreSQL database back?" \
    org.opencontainers.image.source="https://github.com/rollproof/rollproof" \
    org.opencontainers.image.documentation="https://github.com/rollproof/rollproof#readme" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
# Open to every user, because `--user` may name one that this image does not know; libpq looks for .pgpass in HOME.
RUN echo 'rollproof:x:10001:10001:rollproof:/work:/usr/sbin/nologin' >>/etc/passwd && mkdir -m 1777 /work
COPY --from=build /opt/rollproof /opt/rollproof
ENV PATH=/opt/rollproof/bin:$PATH HOME=/work
WORKDIR /work
VOLUME /work
USER 10001:10001
ENTRYPOINT ["rollproof"]
CMD ["--help"]
