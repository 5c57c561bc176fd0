#!/usr/bin/env bash
# produce.sh [JOB_ID] [PROMPT]: publishes a RunJob and waits for its event, over the broker's management API alone.
# For trying things out: the API has no confirms and asks again and again; programs use AMQP.
set -euo pipefail
api="${DRAY_MANAGEMENT:-http://guest:guest@localhost:15672}/api"
job="${1:-job-$(date +%s)-$RANDOM}"
prompt="${2:-Say hello}"
patience="${DRAY_WAIT_SECONDS:-600}"
queue="dray-sample-curl-$RANDOM$RANDOM"

call() { curl --silent --show-error --fail-with-body --header 'content-type: application/json' "$@" || exit 4; }
quote() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }

# Listen first. The queue goes away by itself when nobody asks any more.
call --request PUT "$api/queues/%2F/$queue" --data '{"durable":true,"arguments":{"x-expires":60000}}'
for event in JobCompleted JobFailed; do
    call --request POST "$api/bindings/%2F/e/Dray.Contracts%3A$event/q/$queue" --data '{"routing_key":""}' > /dev/null
done

message=$(printf '{"job_id":"%s","body":{"messages":[{"role":"user","content":"%s"}],"max_completion_tokens":64},"metadata":{"producer":"curl"}}' \
    "$(quote "$job")" "$(quote "$prompt")")
routed=$(call --request POST "$api/exchanges/%2F/Dray.Contracts%3ARunJob/publish" --data @- << END
{
  "properties": {"content_type": "application/json", "delivery_mode": 2, "message_id": "$job"},
  "routing_key": "normal",
  "payload_encoding": "base64",
  "payload": "$(printf '%s' "$message" | base64 --wrap=0)"
}
END
)
[ "$routed" = '{"routed":true}' ] || { echo "No queue takes the message: $routed" >&2; exit 4; }
echo "published $job" >&2

for ((waited = 0; waited < patience; waited++)); do
    got=$(call --request POST "$api/queues/%2F/$queue/get" --data '{"count":1,"ackmode":"ack_requeue_false","encoding":"auto"}')
    case "$got" in
        *\\\"job_id\\\":\\\"$job\\\"* | *\\\"job_id\\\":\ \\\"$job\\\"*)
            echo "$got"
            call --request DELETE "$api/queues/%2F/$queue"
            case "$got" in *Dray.Contracts:JobCompleted*) exit 0 ;; *) exit 1 ;; esac
            ;;
        '[]') sleep 1 ;;
    esac
done
echo "No event for $job within $patience s." >&2
exit 4
