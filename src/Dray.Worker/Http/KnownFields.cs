using System.Text.Json;
using Dray.Inference;
using Dray.Worker.Input;

namespace Dray.Worker.Http;

/// <summary>
/// The fields that a request may have. Whoever misspells one is told, instead of getting an answer that ignores it. Fields of OpenAI's that
/// change no answer here are let through, so that official clients work.
/// </summary>
/// <param name="names">The fields.</param>
internal sealed class KnownFields(params string[] names)
{
    private const int QuotedCharacters = 64;

    private static readonly string[] Shared =
    [
        "model", "max_tokens", "temperature", "top_p", "top_k", "min_p", "seed", "stop", "stop_token_ids", "min_tokens", "n", "repetition_penalty",
        "presence_penalty", "frequency_penalty", "logit_bias", "ignore_eos", "logprobs", "prompt_logprobs", "use_beam_search", "stream", "stream_options",
        "user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
    ];

    private readonly HashSet<string> _names = [.. Shared, .. names];

    /// <summary>Gets those of a chat completion.</summary>
    public static KnownFields Chat { get; } = new(
        "messages", "tools", "tool_choice", "parallel_tool_calls", "max_completion_tokens", "top_logprobs", "response_format", "structured_outputs",
        "guided_json", "guided_regex", "guided_choice", "guided_grammar", "guided_whitespace_pattern", "structural_tag", "continue_final_message",
        "reasoning_effort", "verbosity", "prediction", "modalities");

    /// <summary>Gets those of a completion.</summary>
    public static KnownFields Completion { get; } = new("prompt", "echo", "suffix", "best_of");

    /// <summary>Refuses a body that has another field, or isn't an object.</summary>
    /// <exception cref="RequestRejectedException">The message names the field, and the one that was probably meant.</exception>
    public void Require(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw new RequestRejectedException(RequestErrorCodes.InvalidRequest, "The body isn't a JSON object; write the request's fields there.");
        foreach (var field in body.EnumerateObject())
        {
            var name = NameOf(field);
            if (_names.Contains(name)) continue;
            var quoted = name.Length <= QuotedCharacters ? name : name[..QuotedCharacters] + "...";
            var remedy = NearestName.Of(name, _names) is { } nearest ? $"did you mean '{nearest}'?" : "leave it out.";
            throw new RequestRejectedException(RequestErrorCodes.InvalidRequest, $"Unknown parameter: '{quoted}'; {remedy}", quoted);
        }
    }

    private static string NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest, "A parameter's name isn't valid Unicode; write whole characters, not halves of surrogate pairs.", null, e);
        }
    }
}
