namespace Dray.Inference.Execution;

/// <summary>One request in the engine: its answers and the task that waits for them.</summary>
internal sealed class GenerationJob(IReadOnlyList<Answer> answers, int toolCallSeed)
{
    private readonly TaskCompletionSource<GenerationResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Answer> Answers { get; } = answers;

    public Task<GenerationResult> Result => _completion.Task;

    public bool IsFinished => Answers.All(answer => answer.Finished is not null);

    public void Complete(Tokenization.ToolCallParser parser)
    {
        var random = new Random(toolCallSeed);
        var choices = Answers.Select(answer => answer.ToChoice(parser, random)).ToArray();
        var tokens = Answers.Sum(answer => answer.Sequence.OutputIds.Length);
        _completion.TrySetResult(new GenerationResult(choices, Answers[0].Sequence.PromptTokens, tokens));
    }

    public void Fail(Exception exception) => _completion.TrySetException(exception);

    public void Cancel(CancellationToken token) => _completion.TrySetCanceled(token);
}
