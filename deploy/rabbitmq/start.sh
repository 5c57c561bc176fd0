#!/bin/sh
# Starts the broker of the official image and imports the definitions once it serves. They name no users, so that no password
# stands in a file; load_definitions in rabbitmq.conf would keep the broker from making the one of the environment.
set -eu

import() {
    rabbitmqctl wait --timeout 300 "$RABBITMQ_PID_FILE" &&
        rabbitmqctl import_definitions "${DEFINITIONS:-/etc/rabbitmq/definitions.json}" ||
        echo "The definitions were not imported; the health check stays red." >&2
}

import &
exec docker-entrypoint.sh rabbitmq-server
