using System.Text;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Execution;

namespace Dray.Worker.Http;

/// <summary>The engine's answers to one completion's prompts in OpenAI's words.</summary>
internal sealed class TextCompletions(CompletionBody body, RequestIdentity identity)
{
    private readonly Dictionary<int, TextTokens> _streamed = [];

    private bool HasLogprobs => body.Sampling.LogProbs is not null;

    /// <summary>The whole answer.</summary>
    public TextCompletion Whole(IReadOnlyList<GenerationResult> results) => Of(
        [.. results.SelectMany((result, prompt) => result.Choices.Select((choice, i) => ChoiceOf(prompt, result, choice, (prompt * body.Sampling.N) + i)))],
        UsageOf(results));

    /// <summary>The event that an update makes.</summary>
    public IEnumerable<TextCompletion> Chunks(GenerationUpdate update)
    {
        TextLogprobs? logprobs = null;
        if (HasLogprobs)
        {
            if (!_streamed.TryGetValue(update.Choice, out var tokens)) _streamed.Add(update.Choice, tokens = new TextTokens());
            tokens.Add(update.LogProbs);
            logprobs = tokens.Take();
        }

        var reason = update.FinishReason is { } finished ? Completions.NameOf(finished) : null;
        yield return Of([new TextChoice { Index = update.Choice, Text = update.Text, Logprobs = logprobs, FinishReason = reason }], null);
    }

    /// <summary>The last event, which has no choices but what was used.</summary>
    public TextCompletion Usage(GenerationResult result) => Of([], UsageOf([result]));

    private TextCompletion Of(IReadOnlyList<TextChoice> choices, CompletionUsage? usage) =>
        new() { Id = identity.TextCompletionId, Created = identity.Created, Model = body.Model, Choices = choices, Usage = usage };

    private CompletionUsage UsageOf(IReadOnlyList<GenerationResult> results)
    {
        var (prompt, completion) = (results.Sum(result => result.PromptTokens), body.IsPromptOnly ? 0 : results.Sum(result => result.CompletionTokens));
        return new CompletionUsage { PromptTokens = prompt, CompletionTokens = completion, TotalTokens = prompt + completion };
    }

    private TextChoice ChoiceOf(int prompt, GenerationResult result, GenerationChoice choice, int index)
    {
        var answer = body.IsPromptOnly ? "" : choice.Content ?? "";
        var tokens = new TextTokens();
        if (body.Echoes && HasLogprobs)
        {
            tokens.AddStart(result.PromptStart!, isInText: body.Prompts[prompt].Text is null);
            tokens.Add(result.PromptLogProbs!);
        }

        if (!body.IsPromptOnly) tokens.Add(choice.LogProbs ?? []);
        return new TextChoice
        {
            Index = index,
            Text = body.Echoes ? TextOf(prompt, result) + answer : answer,
            Logprobs = HasLogprobs ? tokens.Take() : null,
            FinishReason = body.IsPromptOnly ? Completions.NameOf(FinishReason.Length) : Completions.NameOf(choice.FinishReason),
        };
    }

    private string TextOf(int prompt, GenerationResult result) => body.Prompts[prompt].Text
        ?? Encoding.UTF8.GetString([.. result.PromptLogProbs!.Prepend(result.PromptStart!).SelectMany(token => token.Bytes.ToArray())]);
}
