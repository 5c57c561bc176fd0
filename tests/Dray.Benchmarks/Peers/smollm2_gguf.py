#!/usr/bin/env python3
"""Write smollm2-135m as a GGUF for timing: the published file's own blocks (layers Q4_1, embedding Q8_0, tied), but a made-up tokenizer.

Needs nothing but Python. usage: smollm2_gguf.py FOLDER OUT.gguf, where FOLDER has base.q4_1.safetensors and embedding.q8_0.safetensors.
"""
import json, struct, sys

F32, Q4_1, Q8_0 = 0, 3, 8
STRING, U32, FLOAT32, ARRAY, I32 = 8, 4, 6, 9, 5
LAYERS, HIDDEN, FFN, HEADS, KV_HEADS, HEAD_DIM, VOCAB, CONTEXT, ALIGN = 30, 576, 1536, 9, 3, 64, 49173, 8192, 32
NAMES = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
         "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}

def text(s): b = s.encode(); return struct.pack("<Q", len(b)) + b
def kv_u32(k, v): return text(k) + struct.pack("<II", U32, v)
def kv_f32(k, v): return text(k) + struct.pack("<If", FLOAT32, v)
def kv_str(k, v): return text(k) + struct.pack("<I", STRING) + text(v)
def kv_arr(k, t, items): return text(k) + struct.pack("<IIQ", ARRAY, t, len(items)) + b"".join(items)
def pad(n): return -n % ALIGN

def load(path):
    with open(path, "rb") as f: raw = f.read()
    n, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + n])
    return {k: (t["dtype"], t["shape"], raw[8 + n + t["data_offsets"][0]:8 + n + t["data_offsets"][1]]) for k, t in header.items() if k != "__metadata__"}

def rotate(data, rows):  # half-split rotary order to the interleaved one that the "llama" architecture wants
    size, half = len(data) // rows, HEAD_DIM // 2
    order = [head * HEAD_DIM + part * half + i for head in range(rows // HEAD_DIM) for i in range(half) for part in (0, 1)]
    return b"".join(data[r * size:(r + 1) * size] for r in order)

folder, out = sys.argv[1:]
base, embedding = load(folder + "/base.q4_1.safetensors"), load(folder + "/embedding.q8_0.safetensors")
tensors = [("token_embd.weight", (HIDDEN, VOCAB), Q8_0, embedding["model.embed_tokens.weight"][2]),
           ("output_norm.weight", (HIDDEN,), F32, base["model.norm.weight"][2])]
for layer in range(LAYERS):
    for theirs, ours in NAMES.items():
        kind, shape, data = base[f"model.layers.{layer}.{theirs}.weight"]
        if ours in ("attn_q", "attn_k"): data = rotate(data, shape[0])
        dims = (shape[0],) if kind == "F32" else (shape[1] // 20 * 32, shape[0])
        tensors.append((f"blk.{layer}.{ours}.weight", dims, F32 if kind == "F32" else Q4_1, data))

tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{i:02X}>" for i in range(256)]
tokens += [f"\u2581w{i}" for i in range(VOCAB - len(tokens))]
types = [2, 3, 3] + [6] * 256 + [1] * (VOCAB - 259)
meta = [
    kv_str("general.architecture", "llama"), kv_str("general.name", "smollm2-135m"), kv_u32("llama.context_length", CONTEXT),
    kv_u32("llama.embedding_length", HIDDEN), kv_u32("llama.block_count", LAYERS), kv_u32("llama.feed_forward_length", FFN),
    kv_u32("llama.attention.head_count", HEADS), kv_u32("llama.attention.head_count_kv", KV_HEADS), kv_u32("llama.vocab_size", VOCAB),
    kv_f32("llama.attention.layer_norm_rms_epsilon", 1e-5), kv_f32("llama.rope.freq_base", 1e5), kv_u32("llama.rope.dimension_count", HEAD_DIM),
    kv_str("tokenizer.ggml.model", "llama"), kv_arr("tokenizer.ggml.tokens", STRING, [text(t) for t in tokens]),
    kv_arr("tokenizer.ggml.scores", FLOAT32, [struct.pack("<f", -i) for i in range(VOCAB)]),
    kv_arr("tokenizer.ggml.token_type", I32, [struct.pack("<i", t) for t in types]),
    kv_u32("tokenizer.ggml.bos_token_id", 1), kv_u32("tokenizer.ggml.eos_token_id", 2), kv_u32("tokenizer.ggml.unknown_token_id", 0),
]
infos, offset = b"", 0
for name, dims, kind, data in tensors:
    infos += text(name) + struct.pack("<I", len(dims)) + b"".join(struct.pack("<Q", d) for d in dims) + struct.pack("<IQ", kind, offset)
    offset += len(data) + pad(len(data))
with open(out, "wb") as f:
    f.write(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(meta)) + b"".join(meta) + infos)
    f.write(b"\0" * pad(f.tell()))
    for _, _, _, data in tensors: f.write(data + b"\0" * pad(len(data)))
