#!/usr/bin/env bash
# curl against `dray serve`: a whole answer, then a stream.
set -euo pipefail
base="${OPENAI_BASE_URL:-http://localhost:8000/v1}"
ask() {
    curl -sS --fail-with-body -N "$base/chat/completions" -H 'Content-Type: application/json' ${OPENAI_API_KEY:+-H "Authorization: Bearer $OPENAI_API_KEY"} -d "$1"
}

ask '{"messages":[{"role":"user","content":"What is 2+2? One word."}],"max_tokens":10}'
echo
ask '{"messages":[{"role":"user","content":"What is 2+2? One word."}],"max_tokens":10,"stream":true}'
