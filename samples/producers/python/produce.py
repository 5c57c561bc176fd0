#!/usr/bin/env python3
"""produce.py [JOB_ID] [PROMPT]: publishes a RunJob and waits for its event."""
import json
import os
import sys
import time
import uuid

import pika

JOB_EXCHANGE = "Dray.Contracts:RunJob"
EVENT_EXCHANGES = {"Dray.Contracts:JobCompleted": 0, "Dray.Contracts:JobFailed": 1}  # and the exit code of each


def main() -> int:
    job_id = sys.argv[1] if len(sys.argv) > 1 else f"job-{uuid.uuid4().hex}"
    prompt = sys.argv[2] if len(sys.argv) > 2 else "Say hello"
    patience = float(os.environ.get("DRAY_WAIT_SECONDS", "600"))
    job = {
        "job_id": job_id,
        "body": {"messages": [{"role": "user", "content": prompt}], "max_completion_tokens": 64},
        "priority": "normal",
        "metadata": {"producer": "python"},
    }

    connection = pika.BlockingConnection(pika.URLParameters(os.environ.get("DRAY_BROKER", "amqp://guest:guest@localhost:5672")))
    channel = connection.channel()
    channel.confirm_delivery()

    # Listen first: the event may come before the publish is confirmed.
    queue = channel.queue_declare("", exclusive=True).method.queue
    for exchange in EVENT_EXCHANGES:
        channel.queue_bind(queue, exchange)

    # With confirms on, this raises where no queue took the message or the broker refused it.
    channel.basic_publish(
        JOB_EXCHANGE,
        routing_key=job["priority"],
        body=json.dumps(job),
        properties=pika.BasicProperties(content_type="application/json", delivery_mode=2, message_id=str(uuid.uuid4())),
        mandatory=True,
    )
    print(f"published {job_id}", file=sys.stderr)

    deadline = time.monotonic() + patience
    for method, _, body in channel.consume(queue, auto_ack=True, inactivity_timeout=1):
        if method is not None:
            event = json.loads(body)
            if event["job_id"] == job_id:
                print(json.dumps(event, ensure_ascii=False))
                connection.close()
                return EVENT_EXCHANGES[method.exchange]
        if time.monotonic() > deadline:
            print(f"No event for {job_id} within {patience:g} s.", file=sys.stderr)
            return 4
    return 4


if __name__ == "__main__":
    try:
        sys.exit(main())
    except pika.exceptions.AMQPError as error:
        print(f"No event: {error!r}", file=sys.stderr)
        sys.exit(4)
