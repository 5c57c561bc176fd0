using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling;

/// <summary>Reads OpenAI's and vLLM's sampling fields.</summary>
internal static class SamplingParamsReader
{
    private const float SmallestPositive = float.Epsilon;
    private const int LongestKey = 40;

    public static SamplingParams Read(JsonElement body, SamplingParams defaults, int leastTokens)
    {
        var root = new RequestField(body, "");
        if (body.ValueKind != JsonValueKind.Object) throw root.Rejected($"The request's body must be a JSON object but is {root.Kind}.");

        RefuseUnsupported(root);
        var read = defaults with
        {
            Temperature = root["temperature"].Single(defaults.Temperature, 0f, 2f),
            TopP = root["top_p"].Single(defaults.TopP, SmallestPositive, 1f),
            TopK = Math.Max(0, root["top_k"].Integer(-1, int.MaxValue) ?? defaults.TopK),
            MinP = root["min_p"].Single(defaults.MinP, 0f, 1f),
            RepetitionPenalty = root["repetition_penalty"].Single(defaults.RepetitionPenalty, SmallestPositive, float.MaxValue),
            PresencePenalty = root["presence_penalty"].Single(defaults.PresencePenalty, -2f, 2f),
            FrequencyPenalty = root["frequency_penalty"].Single(defaults.FrequencyPenalty, -2f, 2f),
            LogitBias = LogitBias(root["logit_bias"]) ?? defaults.LogitBias,
            Seed = root["seed"].Long(long.MinValue, long.MaxValue) ?? defaults.Seed,
            MaxTokens = MaxTokens(root, leastTokens) ?? defaults.MaxTokens,
            MinTokens = root["min_tokens"].Integer(0, int.MaxValue) ?? defaults.MinTokens,
            Stop = Stop(root["stop"]) ?? defaults.Stop,
            StopTokenIds = StopTokenIds(root["stop_token_ids"]) ?? defaults.StopTokenIds,
            N = root["n"].Integer(1, SamplingParams.MaxN) ?? defaults.N,
            IgnoreEos = root["ignore_eos"].Flag(defaults.IgnoreEos),
            LogProbs = LogProbs(root, defaults),
            PromptLogProbs = root["prompt_logprobs"].Integer(0, SamplingParams.MaxLogProbs) ?? defaults.PromptLogProbs,
        };

        if (read.MaxTokens < read.MinTokens)
        {
            throw root["min_tokens"].Rejected(
                $"'min_tokens' is {read.MinTokens}, more than the {read.MaxTokens} of 'max_tokens'; lower one or raise the other.");
        }

        return read;
    }

    private static void RefuseUnsupported(RequestField root)
    {
        if (root["use_beam_search"].Flag(false))
        {
            throw root["use_beam_search"].Rejected(
                "'use_beam_search' is true, but only sampling is available; leave it out and use 'n' for several answers.");
        }
    }

    private static int? MaxTokens(RequestField root, int least)
    {
        var (old, current) = (root["max_tokens"].Integer(least, int.MaxValue), root["max_completion_tokens"].Integer(least, int.MaxValue));
        if (old is not null && current is not null && old != current)
        {
            throw root["max_completion_tokens"].Rejected(
                $"'max_tokens' is {old} and 'max_completion_tokens' is {current}, but they mean the same; send one of them.");
        }

        return current ?? old;
    }

    private static string[]? Stop(RequestField field)
    {
        if (!field.HasValue) return null;
        if (field.Value.ValueKind == JsonValueKind.String) return [StopString(field)];
        var strings = new string[field.Count("stop strings", SamplingParams.MaxStops)];
        for (var i = 0; i < strings.Length; i++) strings[i] = StopString(field[i]);
        return strings;
    }

    private static string StopString(RequestField field)
    {
        var text = field.Text("a stop string");
        return text.Length switch
        {
            0 => throw field.Rejected($"'{field.Path}' is empty, which would stop every answer at once; leave it out."),
            > SamplingParams.MaxStopLength => throw field.Rejected(
                $"'{field.Path}' has {text.Length} characters; a stop string can have at most {SamplingParams.MaxStopLength}."),
            _ => text,
        };
    }

    private static int[]? StopTokenIds(RequestField field)
    {
        if (!field.HasValue) return null;
        var ids = new int[field.Count("token ids", SamplingParams.MaxStops)];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = field[i].Integer(0, int.MaxValue) ?? throw field[i].Rejected($"'{field[i].Path}' is null; it must be a token id.");
        return ids;
    }

    private static Dictionary<int, float>? LogitBias(RequestField field)
    {
        if (!field.HasValue) return null;
        var biases = new Dictionary<int, float>();
        foreach (var entry in field.Object("a bias per token id").Value.EnumerateObject())
        {
            // The raw name: a key can hold escapes of lone surrogates, which have no text.
            var name = JsonMarshal.GetRawUtf8PropertyName(entry);
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                var shown = Encoding.UTF8.GetString(name[..Math.Min(name.Length, LongestKey)]);
                throw field.Rejected($"'{field.Path}' has the key \"{shown}\"; keys must be token ids, such as \"1010\".");
            }

            biases[id] = new RequestField(entry.Value, $"{field.Path}.{id}").Single(null, -100f, 100f);
            if (biases.Count > SamplingParams.MaxBiases)
                throw field.Rejected($"'{field.Path}' has more than {SamplingParams.MaxBiases} entries; send at most that many.");
        }

        return biases;
    }

    // Chat completions say {"logprobs": true, "top_logprobs": 5}, completions {"logprobs": 5}.
    private static int? LogProbs(RequestField root, SamplingParams defaults)
    {
        var (field, top) = (root["logprobs"], root["top_logprobs"]);
        var alternatives = top.Integer(0, SamplingParams.MaxLogProbs);
        if (field.Value.ValueKind == JsonValueKind.Number) return field.Integer(0, SamplingParams.MaxLogProbs);
        if (field.Flag(defaults.LogProbs is not null)) return alternatives ?? defaults.LogProbs ?? 0;
        return alternatives is null or 0
            ? null
            : throw top.Rejected($"'top_logprobs' is {alternatives}, but 'logprobs' is not true; set it to true or leave 'top_logprobs' out.");
    }
}
