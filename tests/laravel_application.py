"""A Laravel application as adoption finds it, and the compose file that Sail gave it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SAIL = """
services:
  laravel.test:
    build: {context: ./vendor/laravel/sail/runtimes/8.3}
    image: sail-8.3/app
    ports: ['${APP_PORT:-80}:80']
    volumes: ['.:/var/www/html']
    networks: [sail]
    depends_on: [mysql, redis, mailpit, search]
  mysql:
    image: 'mysql/mysql-server:8.0'
    ports: ['${FORWARD_DB_PORT:-3306}:3306']
    volumes: ['sail-mysql:/var/lib/mysql']
    networks: [sail]
  redis: {image: 'redis:alpine', networks: [sail]}
  mailpit: {image: 'axllent/mailpit:latest', networks: [sail]}
  worker: {image: sail-8.3/app, command: php artisan queue:work}
  search.node:
    image: opensearchproject/opensearch:2
    ports: ['${SEARCH_PORT:-9200}:9200', '9600']
    volumes: ['search-data:/usr/share/opensearch/data', './conf:/conf:ro']
    networks: [sail]
    depends_on: {mysql: {condition: service_healthy}, laravel.test: {condition: service_started}}
networks: {sail: {driver: bridge}}
volumes: {sail-mysql: {driver: local}, search-data: {driver: local}}
"""


def laravel(root: Path, **fields: Any) -> Path:
    """Make the least in `root` that is taken for an application; `fields` are more of its composer.json."""
    root.mkdir(exist_ok=True)
    composer = {"require": {"php": "^8.2", "laravel/framework": "^12.0"}, **fields}
    (root / "composer.json").write_text(json.dumps(composer))
    (root / "artisan").write_text("#!/usr/bin/env php\n")
    return root
