using Dray.Inference.Sampling;

namespace Dray.Inference.Execution;

/// <summary>One request in the engine: its answers and the task that waits for them.</summary>
internal sealed class GenerationJob(IReadOnlyList<Answer> answers, int toolCallSeed)
{
    private readonly TaskCompletionSource<GenerationResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SortedDictionary<int, SampledToken> _promptTokens = [];

    public IReadOnlyList<Answer> Answers { get; } = answers;

    public Task<GenerationResult> Result => _completion.Task;

    public bool IsFinished => Answers.All(answer => answer.Finished is not null);

    /// <summary>Keeps what the model thought of the prompt's token at <paramref name="position"/>; after a preemption it comes again.</summary>
    public void AddPromptToken(int position, SampledToken token) => _promptTokens[position] = token;

    public void Complete(AnswerReader reader)
    {
        var random = new Random(toolCallSeed);
        var choices = Answers.Select(answer => answer.ToChoice(reader, random)).ToArray();
        var tokens = Answers.Sum(answer => answer.Sequence.OutputIds.Length);
        _completion.TrySetResult(new GenerationResult(choices, Answers[0].Sequence.PromptTokens, tokens)
        {
            PromptLogProbs = Answers[0].Sequence.ReadsPrompt ? [.. _promptTokens.Values.Select(reader.Describe)] : null,
        });
    }

    public void Fail(Exception exception) => _completion.TrySetException(exception);

    public void Cancel(CancellationToken token) => _completion.TrySetCanceled(token);
}
