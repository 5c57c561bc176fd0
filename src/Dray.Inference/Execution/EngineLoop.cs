using System.Threading.Channels;
using Dray.Inference.Models;
using Dray.Inference.Sampling;
using Dray.Inference.Scheduling;
using Dray.Inference.Tokenization;
using Microsoft.Extensions.Logging;

namespace Dray.Inference.Execution;

/// <summary>
/// The one thread that owns scheduler, model and KV cache: takes jobs and cancellations from a channel between steps; each step is
/// schedule, run, sample, finish.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    private readonly Scheduler scheduler;
    private readonly ModelRunner runner;
    private readonly Sampler sampler;
    private readonly ToolCallParser toolCallParser;
    private readonly ILogger logger;
    private readonly Channel<(GenerationJob Job, CancellationToken Cancelled)> inbox =
        Channel.CreateUnbounded<(GenerationJob, CancellationToken)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly Dictionary<Sequence, (GenerationJob Job, Answer Answer)> active = [];
    private readonly StepPlan plan = new();
    private readonly Thread thread;
    private long steps;
    private long promptTokens;
    private long completionTokens;

    public EngineLoop(Scheduler scheduler, ModelRunner runner, ToolCallParser toolCallParser, ILogger logger)
    {
        (this.scheduler, this.runner, this.toolCallParser, this.logger) = (scheduler, runner, toolCallParser, logger);
        sampler = new Sampler(runner.Vocabulary);
        thread = new Thread(Run) { Name = "dray-engine", IsBackground = true };
        thread.Start();
    }

    public EngineStatistics Statistics => new(
        Interlocked.Read(ref steps), Interlocked.Read(ref promptTokens), Interlocked.Read(ref completionTokens), scheduler.Running, scheduler.Waiting);

    /// <summary>Hands a job to the loop.</summary>
    public void Submit(GenerationJob job)
    {
        var stopped = !inbox.Writer.TryWrite((job, default));
        ObjectDisposedException.ThrowIf(stopped, typeof(InferenceEngine));
    }

    /// <summary>Asks the loop to drop a job before the next step.</summary>
    public void Cancel(GenerationJob job, CancellationToken token) => inbox.Writer.TryWrite((job, token));

    /// <summary>Stops after the step in progress; jobs that are not finished fail.</summary>
    public void Dispose()
    {
        inbox.Writer.TryComplete();
        thread.Join();
        runner.Dispose();
    }

    private void Run()
    {
        try
        {
            while (Receive())
            {
                scheduler.Schedule(plan);
                if (plan.Tokens > 0) Step();
            }
        }
        finally
        {
            foreach (var job in active.Values.Select(entry => entry.Job).ToHashSet())
                job.Fail(new ObjectDisposedException(nameof(InferenceEngine), "The engine was stopped before the request was finished."));
        }
    }

    /// <summary>Takes what is in the inbox; waits while there is nothing to do. False when the engine is to stop.</summary>
    private bool Receive()
    {
        while (true)
        {
            while (inbox.Reader.TryRead(out var message))
            {
                if (message.Cancelled.CanBeCanceled) Drop(message.Job, message.Cancelled);
                else Admit(message.Job);
            }

            if (inbox.Reader.Completion.IsCompleted) return false;
            if (active.Count > 0) return true;
            if (!inbox.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult()) return false;
        }
    }

    private void Admit(GenerationJob job)
    {
        if (job.Result.IsCompleted) return;
        foreach (var answer in job.Answers)
        {
            active.Add(answer.Sequence, (job, answer));
            scheduler.Add(answer.Sequence);
        }
    }

    private void Drop(GenerationJob job, CancellationToken token)
    {
        job.Cancel(token);
        Forget(job);
    }

    private void Forget(GenerationJob job)
    {
        foreach (var answer in job.Answers)
        {
            if (active.Remove(answer.Sequence)) scheduler.Remove(answer.Sequence);
        }
    }

    /// <summary>The step boundary: whatever goes wrong in a step fails the jobs in it, and the loop goes on.</summary>
    private void Step()
    {
        try
        {
            CountPrompt();
            Sample(runner.Run(plan));
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "A step of {Sequences} sequences and {Tokens} tokens failed; their requests fail", plan.Sequences.Count, plan.Tokens);
            foreach (var (sequence, _) in plan.Sequences)
            {
                if (!active.TryGetValue(sequence, out var entry)) continue;
                entry.Job.Fail(new InvalidOperationException($"The engine failed in a step with this request: {exception.Message}", exception));
                Forget(entry.Job);
            }
        }
    }

    private void CountPrompt()
    {
        long prompt = 0;
        foreach (var (sequence, tokens) in plan.Sequences) prompt += Math.Clamp(sequence.PromptTokens - sequence.ComputedTokens, 0, tokens);
        Interlocked.Add(ref promptTokens, prompt);
        Interlocked.Increment(ref steps);
    }

    private void Sample(Span<float> logits)
    {
        var row = 0;
        foreach (var (sequence, _) in plan.Sequences)
        {
            // After the run a sequence samples when all its tokens are computed.
            if (sequence.ComputedTokens != sequence.Tokens) continue;
            var (job, answer) = active[sequence];
            var token = sampler.Sample(logits.Slice(row++ * runner.Vocabulary, runner.Vocabulary), answer.State);
            answer.Append(token.Id);
            Interlocked.Increment(ref completionTokens);
            if (answer.Finished is null) continue;
            scheduler.Remove(sequence);
            active.Remove(sequence);
            if (job.IsFinished) job.Complete(toolCallParser);
        }
    }
}
