"""Python's own urllib against `dray serve`: a streamed answer, printed as it comes. Nothing is to be installed."""
import json
import os
import urllib.request

base = os.environ.get("OPENAI_BASE_URL", "http://localhost:8000/v1")
request = urllib.request.Request(
    f"{base}/chat/completions",
    data=json.dumps({"messages": [{"role": "user", "content": "What is 2+2? One word."}], "max_tokens": 10, "stream": True}).encode(),
    headers={"Content-Type": "application/json", "Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'none')}"},
)
with urllib.request.urlopen(request) as response:
    for line in response:
        line = line.decode().strip()
        if line.startswith("data: ") and line != "data: [DONE]":
            for choice in json.loads(line[len("data: "):])["choices"]:
                print(choice["delta"].get("content", ""), end="", flush=True)
print()
