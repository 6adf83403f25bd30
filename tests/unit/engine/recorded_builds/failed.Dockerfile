ARG BASE=devkit.local/debian:forky
FROM ${BASE} AS dependencies
WORKDIR /app
COPY lock ./
RUN --network=none --mount=type=cache,target=/tmp/cache sleep 0.3; cat lock > /packages

FROM dependencies AS app
COPY code ./code
RUN --network=none \
    echo compiling; \
    grep -q good code/page.php || { echo 'page.php:1: is not good' >&2; exit 4; }
RUN <<EOT
date > /built
EOT
