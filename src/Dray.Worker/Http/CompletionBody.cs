using System.Text.Json;
using Dray.Inference;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;
using Dray.Worker.Execution;

namespace Dray.Worker.Http;

/// <summary>What a completion's body asks for.</summary>
/// <param name="Prompts">The texts to go on with.</param>
/// <param name="Sampling">How to.</param>
/// <param name="Model">The name of the model that answers.</param>
/// <param name="Echoes">Whether the answer begins with the prompt.</param>
internal sealed record CompletionBody(IReadOnlyList<TextPrompt> Prompts, SamplingParams Sampling, string Model, bool Echoes)
{
    private const int DefaultMaxTokens = 16;
    private const int MostPrompts = 128;

    /// <summary>Gets whether nothing is to be added to the prompt, whose probabilities are what is asked for.</summary>
    public bool IsPromptOnly => Sampling.MaxTokens == 0;

    /// <summary>Reads a body.</summary>
    /// <param name="body">The body, of which nothing is kept.</param>
    /// <param name="engine">What is to answer.</param>
    /// <param name="models">The models that may be asked for.</param>
    /// <param name="streams">Whether the answer is sent piece by piece.</param>
    /// <exception cref="RequestRejectedException">Something is wrong with it; the message names the field.</exception>
    public static CompletionBody Read(JsonElement body, IInferenceEngine engine, ServedModels models, bool streams)
    {
        try
        {
            var model = models.Resolve(body);
            var sampling = SamplingParams.Parse(body, engine.DefaultSampling with { MaxTokens = DefaultMaxTokens }, leastTokens: 0);
            var echoes = Echo(body);
            RefuseUnsupported(body, sampling, echoes, streams);
            return new CompletionBody(Prompt(body), sampling, model, echoes);
        }
        catch (InvalidOperationException e)
        {
            throw Refuse($"A string of the request can't be read as text; write whole characters, not halves of surrogate pairs. {e.Message}", "prompt");
        }
    }

    private static bool Echo(JsonElement body)
    {
        if (!body.TryGetProperty("echo", out var echo) || echo.ValueKind is JsonValueKind.Null or JsonValueKind.False) return false;
        return echo.ValueKind == JsonValueKind.True ? true : throw Refuse("'echo' must be true or false.", "echo");
    }

    private static void RefuseUnsupported(JsonElement body, SamplingParams sampling, bool echoes, bool streams)
    {
        if (body.TryGetProperty("suffix", out var suffix) && suffix.ValueKind != JsonValueKind.Null)
            throw Refuse("'suffix' isn't supported: the model only goes on from the end of a text; leave it out.", "suffix");
        if (body.TryGetProperty("best_of", out var best) && best.ValueKind != JsonValueKind.Null && !(best.ValueKind == JsonValueKind.Number && best.TryGetInt32(out var count) && count == sampling.N))
            throw Refuse($"'best_of' must be what 'n' is, {sampling.N}: all answers are returned; leave it out.", "best_of");
        if (sampling.PromptLogProbs is not null) throw Refuse("'prompt_logprobs' is of chat completions; use 'echo' with 'logprobs'.", "prompt_logprobs");
        if (sampling.MaxTokens == 0 && !echoes) throw Refuse("'max_tokens' is 0, so that there is nothing to answer; ask for more, or set 'echo' for the prompt.", "max_tokens");
        if (echoes && streams) throw Refuse("'echo' can't be streamed; leave it or 'stream' out.", "echo");
    }

    private static IReadOnlyList<TextPrompt> Prompt(JsonElement body)
    {
        body.TryGetProperty("prompt", out var prompt);
        if (prompt.ValueKind == JsonValueKind.String) return [new TextPrompt(prompt.GetString()!)];
        if (prompt.ValueKind != JsonValueKind.Array || prompt.GetArrayLength() == 0)
            throw Refuse("'prompt' must be a text, a list of texts, a list of token ids, or a list of such lists.", "prompt");
        if (prompt[0].ValueKind == JsonValueKind.Number) return [Ids(prompt, "prompt")];
        if (prompt.GetArrayLength() > MostPrompts) throw Refuse($"'prompt' has {prompt.GetArrayLength()} texts; at most {MostPrompts} are allowed.", "prompt");
        return [.. prompt.EnumerateArray().Select((one, i) => one.ValueKind switch
        {
            JsonValueKind.String => new TextPrompt(one.GetString()!),
            JsonValueKind.Array => Ids(one, $"prompt[{i}]"),
            _ => throw Refuse($"'prompt[{i}]' must be a text or a list of token ids.", $"prompt[{i}]"),
        })];
    }

    private static TextPrompt Ids(JsonElement list, string path)
    {
        var ids = new int[list.GetArrayLength()];
        for (var i = 0; i < ids.Length; i++)
        {
            if (list[i].ValueKind != JsonValueKind.Number || !list[i].TryGetInt32(out ids[i])) throw Refuse($"'{path}[{i}]' must be a token id.", $"{path}[{i}]");
        }

        return new TextPrompt(ids);
    }

    private static RequestRejectedException Refuse(string message, string param) => new(RequestErrorCodes.InvalidRequest, message, param);
}
