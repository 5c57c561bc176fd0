#!/usr/bin/env bash
# A batch of two rows with curl against `dray serve`: upload, create, wait, print the answers.
set -euo pipefail
base="${OPENAI_BASE_URL:-http://localhost:8000/v1}"
ask() {
    curl -sS --fail-with-body ${OPENAI_API_KEY:+-H "Authorization: Bearer $OPENAI_API_KEY"} "$@"
}
field() {
    grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4
}

rows="$(mktemp --suffix .jsonl)"
trap 'rm -f "$rows"' EXIT
cat > "$rows" <<'ROWS'
{"custom_id":"sum","method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"What is 2+2? One word."}],"max_tokens":10}}
{"custom_id":"capital","method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"What is the capital of France?"}],"max_tokens":10}}
ROWS

file="$(ask "$base/files" -F purpose=batch -F "file=@$rows" | field id)"
batch="$(ask "$base/batches" -H 'Content-Type: application/json' -H "Idempotency-Key: $file" \
    -d "{\"input_file_id\":\"$file\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}" | field id)"
until status="$(ask "$base/batches/$batch" | field status)"; [ "$status" != validating ] && [ "$status" != in_progress ] && [ "$status" != finalizing ]; do
    sleep 0.2
done
echo "The batch $batch is $status." >&2
ask "$base/files/$batch-output/content"
