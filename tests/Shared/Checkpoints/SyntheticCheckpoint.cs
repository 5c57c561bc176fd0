using System.Globalization;
using System.Text.Json;

namespace Dray.Tests.Checkpoints;

/// <summary>
/// Writes a checkpoint of a given shape with pseudo-random weights, streaming and in shards: decoder layers in W4A16
/// (<c>auto_round:auto_gptq</c>, symmetric), embedding, head and norms in bf16, as AutoRound exports them. For loading, memory and speed
/// only; its logits mean nothing, but are finite.
/// </summary>
internal static class SyntheticCheckpoint
{
    private const int NoiseBytes = 1 << 20;

    /// <summary>Writes the folder, which is created.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="shape">The model.</param>
    /// <param name="shardBytes">The most bytes of tensors in a file, unless one tensor alone has more.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <returns>Bytes of tensors written.</returns>
    public static long Write(string folder, SyntheticShape shape, long shardBytes = 5_000_000_000, int seed = 1)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(Config(shape)));
        var shards = Shards([.. Tensors(shape, seed)], shardBytes);
        var map = new Dictionary<string, string>();
        for (var i = 0; i < shards.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors");
            SafetensorsWriter.Write(Path.Combine(folder, name), shards[i]);
            foreach (var entry in shards[i])
                map.Add(entry.Name, name);
        }

        var total = shards.Sum(shard => shard.Sum(entry => entry.Bytes));
        File.WriteAllText(
            Path.Combine(folder, "model.safetensors.index.json"),
            JsonSerializer.Serialize(new { metadata = new { total_size = total }, weight_map = map }));
        return total;
    }

    private static List<List<SafetensorsEntry>> Shards(List<SafetensorsEntry> entries, long shardBytes)
    {
        var shards = new List<List<SafetensorsEntry>>();
        var size = long.MaxValue;
        foreach (var entry in entries)
        {
            if (size > shardBytes - entry.Bytes)
            {
                shards.Add([]);
                size = 0;
            }

            shards[^1].Add(entry);
            size += entry.Bytes;
        }

        return shards;
    }

    private static IEnumerable<SafetensorsEntry> Tensors(SyntheticShape shape, int seed)
    {
        var random = new Random(seed);
        var codes = new byte[NoiseBytes];
        random.NextBytes(codes);
        var embedding = BFloat16Noise(random, 0.02f);
        var head = BFloat16Noise(random, 2f / MathF.Sqrt(shape.Hidden));
        yield return Repeat("model.embed_tokens.weight", "BF16", [shape.Vocabulary, shape.Hidden], embedding, 0);
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            yield return Gain(prefix + "input_layernorm.weight", shape.Hidden);
            foreach (var (name, outputs, inputs) in shape.Matrices())
            {
                var module = prefix + name;
                var groups = (inputs + shape.GroupSize - 1) / shape.GroupSize;

                // Codes are uniform in -8..7, of standard deviation 4.6; outputs keep the size of inputs.
                var scales = HalfNoise(random, 0.7f / (4.6f * MathF.Sqrt(inputs)));
                yield return Repeat(module + ".qweight", "I32", [inputs / 8, outputs], codes, random.Next(NoiseBytes / 4) * 4);
                yield return Repeat(module + ".qzeros", "I32", [groups, outputs / 8], Filled(0x77), 0);
                yield return Repeat(module + ".scales", "F16", [groups, outputs], scales, 0);
            }

            yield return Gain(prefix + "post_attention_layernorm.weight", shape.Hidden);
        }

        yield return Gain("model.norm.weight", shape.Hidden);
        yield return Repeat("lm_head.weight", "BF16", [shape.Vocabulary, shape.Hidden], head, 0);
    }

    private static SafetensorsEntry Gain(string name, int length)
    {
        var bytes = new byte[length * 2];
        for (var i = 0; i < length; i++)
            bytes[(2 * i) + 1] = 0x3F;
        for (var i = 0; i < length; i++)
            bytes[2 * i] = 0x80;
        return SafetensorsEntry.Of(name, "BF16", [length], bytes);
    }

    /// <summary>A tensor that repeats a pattern, started somewhere in its middle so that no two tensors are equal.</summary>
    private static SafetensorsEntry Repeat(string name, string type, long[] shape, byte[] pattern, int start)
    {
        SafetensorsEntry? entry = null;
        return entry = new(name, type, shape, stream =>
        {
            var offset = start;
            for (var left = entry!.Bytes; left > 0;)
            {
                var count = (int)Math.Min(left, pattern.Length - offset);
                stream.Write(pattern, offset, count);
                left -= count;
                offset = (offset + count) % pattern.Length;
            }
        });
    }

    private static byte[] Filled(byte value)
    {
        var bytes = new byte[4096];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    // Lengths that are no powers of two, so that rows of a matrix do not repeat each other.
    private static byte[] BFloat16Noise(Random random, float size)
    {
        var bytes = new byte[2 * 500_009];
        for (var i = 0; i < bytes.Length; i += 2)
        {
            var bits = BitConverter.SingleToUInt32Bits(((random.NextSingle() * 2) - 1) * size);
            BitConverter.TryWriteBytes(bytes.AsSpan(i), (ushort)(bits >> 16));
        }

        return bytes;
    }

    private static byte[] HalfNoise(Random random, float size)
    {
        var bytes = new byte[2 * 4099];
        for (var i = 0; i < bytes.Length; i += 2)
        {
            var scale = size * (0.75f + (random.NextSingle() / 2)) * (random.Next(2) == 0 ? 1 : -1);
            BitConverter.TryWriteBytes(bytes.AsSpan(i), (Half)scale);
        }

        return bytes;
    }

    private static Dictionary<string, object?> Config(SyntheticShape shape) => new()
    {
        ["architectures"] = new[] { "MistralForCausalLM" },
        ["model_type"] = "mistral",
        ["hidden_act"] = "silu",
        ["hidden_size"] = shape.Hidden,
        ["intermediate_size"] = shape.Intermediate,
        ["num_hidden_layers"] = shape.Layers,
        ["num_attention_heads"] = shape.Heads,
        ["num_key_value_heads"] = shape.KvHeads,
        ["head_dim"] = shape.HeadDim,
        ["vocab_size"] = shape.Vocabulary,
        ["max_position_embeddings"] = shape.ContextLength,
        ["rms_norm_eps"] = 1e-5,
        ["rope_theta"] = 1e9,
        ["sliding_window"] = null,
        ["tie_word_embeddings"] = false,
        ["bos_token_id"] = 1,
        ["eos_token_id"] = 2,
        ["torch_dtype"] = "bfloat16",
        ["quantization_config"] = new Dictionary<string, object>
        {
            ["quant_method"] = "auto-round",
            ["packing_format"] = "auto_round:auto_gptq",
            ["bits"] = 4,
            ["group_size"] = shape.GroupSize,
            ["sym"] = true,
            ["data_type"] = "int",
            ["block_name_to_quantize"] = "model.layers",
        },
    };
}
