using Dray.Inference.Sampling;

namespace Dray.Inference.Execution;

/// <summary>One request in the engine: its answers and the task that waits for them.</summary>
internal sealed class GenerationJob
{
    private readonly TaskCompletionSource<GenerationResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SortedDictionary<int, SampledToken> _promptTokens = [];
    private readonly GenerationChoice?[] _choices;
    private readonly AnswerReader _reader;
    private readonly int _toolCallSeed;
    private int _unfinished;

    /// <summary>Begins a request.</summary>
    /// <param name="answers">Its choices.</param>
    /// <param name="reader">Makes text and calls of ids.</param>
    /// <param name="toolCallSeed">Ids of tool calls come from it.</param>
    /// <param name="streams">Whether <see cref="Stream"/> is read.</param>
    public GenerationJob(IReadOnlyList<Answer> answers, AnswerReader reader, int toolCallSeed, bool streams)
    {
        (Answers, _reader, _toolCallSeed, _unfinished) = (answers, reader, toolCallSeed, answers.Count);
        _choices = new GenerationChoice?[answers.Count];
        if (streams) Stream = new AnswerStream(answers.Count, Result, reader);
    }

    public IReadOnlyList<Answer> Answers { get; }

    public Task<GenerationResult> Result => _completion.Task;

    /// <summary>Gets the pieces as they come, or null where nobody reads them.</summary>
    public AnswerStream? Stream { get; }

    /// <summary>Keeps what the model thought of the prompt's token at <paramref name="position"/>; after a preemption it comes again.</summary>
    public void AddPromptToken(int position, SampledToken token) => _promptTokens[position] = token;

    /// <summary>Takes the next token of a choice.</summary>
    /// <returns>Whether it was the last one; <see cref="Finish"/> is to follow then.</returns>
    public bool Append(int choice, SampledToken token)
    {
        var answer = Answers[choice];
        var text = answer.Append(token);
        if (answer.Finished is not null) return true;
        Stream?.Add(choice, text, answer.State.Sampling.LogProbs is null ? null : token);
        return false;
    }

    /// <summary>Ends a choice, and with the last one the request.</summary>
    public void Finish(int choice)
    {
        // Each choice has a generator of its own, so that its calls have the same ids whichever choice ends first.
        var whole = Answers[choice].ToChoice(_reader, new Random(unchecked(_toolCallSeed + choice)));
        _choices[choice] = whole;
        if (--_unfinished == 0) Complete();
        Stream?.Finish(choice, whole);
    }

    public void Fail(Exception exception)
    {
        _completion.TrySetException(exception);
        Stream?.End();
    }

    public void Cancel(CancellationToken token)
    {
        _completion.TrySetCanceled(token);
        Stream?.End();
    }

    private void Complete() => _completion.TrySetResult(
        new GenerationResult(_choices!, Answers[0].Sequence.PromptTokens, Answers.Sum(answer => answer.Sequence.OutputIds.Length))
        {
            PromptStart = Answers[0].Sequence.ReadsPrompt ? _reader.Describe(new SampledToken(Answers[0].Sequence.Ids[0], 0, [])) : null,
            PromptLogProbs = Answers[0].Sequence.ReadsPrompt ? [.. _promptTokens.Values.Select(_reader.Describe)] : null,
        });
}
