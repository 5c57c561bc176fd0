namespace Dray.Inference.Execution;

/// <summary>One request in the engine: its answers and the task that waits for them.</summary>
internal sealed class GenerationJob(IReadOnlyList<Answer> answers, int toolCallSeed)
{
    private readonly TaskCompletionSource<GenerationResult> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Answer> Answers { get; } = answers;

    public Task<GenerationResult> Result => completion.Task;

    public bool IsFinished => Answers.All(answer => answer.Finished is not null);

    public void Complete(Tokenization.ToolCallParser parser)
    {
        var random = new Random(toolCallSeed);
        var choices = Answers.Select(answer => answer.ToChoice(parser, random)).ToArray();
        var tokens = Answers.Sum(answer => answer.Sequence.OutputIds.Length);
        completion.TrySetResult(new GenerationResult(choices, Answers[0].Sequence.PromptTokens, tokens));
    }

    public void Fail(Exception exception) => completion.TrySetException(exception);

    public void Cancel(CancellationToken token) => completion.TrySetCanceled(token);
}
