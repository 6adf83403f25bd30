# What `install-php-extensions` does in the official image, and the stand-in spares: headers and compilers from Debian,
# and each extension compiled from PHP's source. The stand-in's PHP has the same version; phpize is in it.
ARG FRANKENPHP_IMAGE=dunglas/frankenphp:1.12.6-php8.4-trixie
FROM ${FRANKENPHP_IMAGE}
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]

# In the official image PHP's source is there already: this step is not counted.
ARG PHP_BRANCH PHP_VERSION PHP_SHA256 SOURCE_SUITE
WORKDIR /source
RUN --mount=type=secret,id=apt_sources_stable,target=/etc/apt/sources.list.d/debian.sources \
    --mount=type=secret,id=apt_config,target=/etc/apt/apt.conf.d/99machine \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt,mode=0444 \
    apt-get update \
    && archive="php${PHP_BRANCH}_${PHP_VERSION}.orig.tar.xz" \
    && mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Sources' | sed -n 1p)" \
    && { /usr/lib/apt/apt-helper download-file "${mirror%/}/pool/main/p/php${PHP_BRANCH}/$archive" "$archive" "SHA256:$PHP_SHA256" \
        || apt-get source --download-only --tar-only "php${PHP_BRANCH}/${SOURCE_SUITE}"; } \
    && apt-get source --download-only --tar-only "php-redis/${SOURCE_SUITE}" \
    && mkdir -p php redis \
    && tar -xf "$archive" -C php --strip-components=1 \
    && tar -xf php-redis_*.orig.tar.* -C redis --strip-components=1

RUN --mount=type=secret,id=apt_sources,target=/etc/apt/sources.list.d/debian.sources \
    --mount=type=secret,id=apt_config,target=/etc/apt/apt.conf.d/99machine \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt,mode=0444 \
    apt-get update \
    && apt-get install -y --no-install-recommends autoconf dpkg-dev file g++ gcc libc-dev make pkg-config re2c \
        libfreetype-dev libicu-dev libjpeg-dev libpng-dev libpq-dev libwebp-dev libzip-dev zlib1g-dev

# A line for each extension: its name and its seconds. What PHP itself has is not compiled in the official image either.
ARG EXTENSIONS
RUN built_in=" opcache pdo_sqlite sodium mbstring curl "; \
    for name in $EXTENSIONS; do \
        if [[ "$built_in" == *" $name "* ]]; then continue; fi; \
        directory="/source/php/ext/$name"; \
        if [ "$name" = redis ]; then directory=/source/redis; fi; \
        if [ ! -d "$directory" ]; then echo "left out: $name"; continue; fi; \
        cd "$directory"; if [ ! -e config.m4 ] && [ "$name" = redis ]; then cd */; fi; \
        options=(); \
        case "$name" in \
            gd) options=(--with-freetype --with-jpeg --with-webp) ;; \
            pdo_mysql) options=(--with-pdo-mysql=mysqlnd) ;; \
        esac; \
        began="$(date +%s%N)"; \
        { phpize && nice ./configure "${options[@]}" && nice make -j"$(nproc)" && make install; } > /tmp/log 2>&1 \
            || { tail -n 20 /tmp/log; echo "left out: $name"; continue; }; \
        echo "compiled: $name $(( ($(date +%s%N) - began) / 1000000 ))"; \
    done
