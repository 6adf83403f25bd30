# package-lock.json of a new application, which has none before the first `npm install`.
ARG NODE_IMAGE
FROM ${NODE_IMAGE} AS locked
WORKDIR /app
COPY package.json ./
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt,mode=0444 \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=project_npmrc,target=/app/.npmrc \
    if [ -e /etc/ssl/certs/ca-certificates.crt ]; then export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt; fi \
    && npm install --no-audit --no-fund

FROM scratch
COPY --from=locked /app/package-lock.json /
