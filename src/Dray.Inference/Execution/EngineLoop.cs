using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Dray.Inference.Models;
using Dray.Inference.Sampling;
using Dray.Inference.Scheduling;
using Microsoft.Extensions.Logging;

namespace Dray.Inference.Execution;

/// <summary>
/// The one thread that owns scheduler, model and KV cache: takes jobs and cancellations from a channel between steps; each step is
/// schedule, run, sample, finish.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    private readonly Scheduler _scheduler;
    private readonly ModelRunner _runner;
    private readonly Sampler _sampler;
    private readonly ILogger _logger;
    private readonly Channel<(GenerationJob Job, CancellationToken Cancelled)> _inbox =
        Channel.CreateUnbounded<(GenerationJob, CancellationToken)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly TaskCompletionSource<DeviceLostException> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<Sequence, (GenerationJob Job, int Choice)> _active = [];
    private readonly StepPlan _plan = new();
    private readonly ModelRunner.PromptLogitsReader _readPrompt;
    private readonly Thread _thread;
    private long _beats;
    private long _submitted;
    private long _steps;
    private long _promptTokens;
    private long _completionTokens;

    public EngineLoop(Scheduler scheduler, ModelRunner runner, ILogger logger)
    {
        (_scheduler, _runner, _logger) = (scheduler, runner, logger);
        _sampler = new Sampler(runner.Vocabulary);
        _readPrompt = ReadPrompt;
        _thread = new Thread(Run) { Name = "dray-engine", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Gets a task that ends when the device is lost.</summary>
    public Task<DeviceLostException> DeviceLost => _lost.Task;

    public EngineStatistics Statistics => new()
    {
        Steps = Interlocked.Read(ref _steps),
        PromptTokens = Interlocked.Read(ref _promptTokens),
        SharedTokens = _scheduler.SharedTokens,
        CompletionTokens = Interlocked.Read(ref _completionTokens),
        EncodedImages = _runner.EncodedImages,
        Preemptions = _scheduler.Preemptions,
        MeanPrefillFill = _scheduler.MeanPrefillFill,
        Running = _scheduler.Running,
        Waiting = _scheduler.Waiting,
        KvBlocks = _scheduler.KvBlocks,
        KvBlocksUsed = _scheduler.KvBlocksUsed,
        Heartbeat = Interlocked.Read(ref _beats),
        HasWork = _active.Count > 0 || Interlocked.Read(ref _submitted) > 0,
    };

    /// <summary>Hands a job to the loop.</summary>
    /// <exception cref="DeviceLostException">The device is lost.</exception>
    /// <exception cref="ObjectDisposedException">The engine was stopped.</exception>
    public void Submit(GenerationJob job)
    {
        Interlocked.Increment(ref _submitted);
        var stopped = !_inbox.Writer.TryWrite((job, default));
        if (stopped) Interlocked.Decrement(ref _submitted);
        if (stopped && _lost.Task.IsCompleted) ExceptionDispatchInfo.Throw(_lost.Task.Result);
        ObjectDisposedException.ThrowIf(stopped, typeof(InferenceEngine));
    }

    /// <summary>Asks the loop to drop a job before the next step.</summary>
    public void Cancel(GenerationJob job, CancellationToken token) => _inbox.Writer.TryWrite((job, token));

    /// <summary>Stops after the step in progress; jobs that are not finished fail.</summary>
    public void Dispose()
    {
        _inbox.Writer.TryComplete();
        _thread.Join();
        _runner.Dispose();
    }

    private void Run()
    {
        try
        {
            while (Receive())
            {
                Interlocked.Increment(ref _beats);
                _scheduler.Schedule(_plan);
                if (_plan.Tokens > 0) Step();
            }
        }
        catch (DeviceLostException exception)
        {
            _logger.LogCritical(exception, "The device was lost in a step of {Sequences} sequences; no request can be answered any more", _plan.Sequences.Length);
            _lost.SetResult(exception);
            _inbox.Writer.TryComplete();
            while (_inbox.Reader.TryRead(out var message))
            {
                if (!message.Cancelled.CanBeCanceled) Admit(message.Job);
            }

            FailAll(exception);
        }
        finally
        {
            FailAll(new ObjectDisposedException(nameof(InferenceEngine), "The engine was stopped before the request was finished."));
        }
    }

    private void FailAll(Exception exception)
    {
        foreach (var job in _active.Values.Select(entry => entry.Job).ToHashSet())
        {
            Forget(job);
            job.Fail(exception);
        }
    }

    /// <summary>Takes what is in the inbox; waits while there is nothing to do. False when the engine is to stop.</summary>
    private bool Receive()
    {
        while (true)
        {
            while (_inbox.Reader.TryRead(out var message))
            {
                if (message.Cancelled.CanBeCanceled) Drop(message.Job, message.Cancelled);
                else Admit(message.Job);
            }

            if (_inbox.Reader.Completion.IsCompleted) return false;
            if (_active.Count > 0) return true;
            if (!_inbox.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult()) return false;
        }
    }

    private void Admit(GenerationJob job)
    {
        for (var choice = 0; choice < job.Answers.Count && !job.Result.IsCompleted; choice++)
        {
            var sequence = job.Answers[choice].Sequence;
            _active.Add(sequence, (job, choice));
            _scheduler.Add(sequence);
        }

        Interlocked.Decrement(ref _submitted);
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
            if (_active.Remove(answer.Sequence)) _scheduler.Remove(answer.Sequence);
        }
    }

    /// <summary>The step boundary: whatever goes wrong in a step fails the jobs in it, and the loop goes on, unless it has lost its device.</summary>
    private void Step()
    {
        try
        {
            Count();
            Sample(_runner.Run(_plan, _readPrompt));
        }
        catch (Exception exception) when (exception is not DeviceLostException)
        {
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        _logger.LogError(exception, "A step of {Sequences} sequences and {Tokens} tokens failed; their requests fail", _plan.Sequences.Length, _plan.Tokens);
        var jobs = new HashSet<GenerationJob>();
        foreach (var (sequence, _) in _plan.Sequences)
        {
            if (_active.TryGetValue(sequence, out var entry)) jobs.Add(entry.Job);
        }

        _scheduler.Abandon(_plan);
        foreach (var job in jobs) Fail(job, exception);
    }

    private void Fail(GenerationJob job, Exception exception)
    {
        job.Fail(new InvalidOperationException($"The engine failed in a step with this request: {exception.Message}", exception));
        Forget(job);
    }

    private void Count()
    {
        long prompt = 0;
        foreach (var (sequence, tokens) in _plan.Sequences) prompt += Math.Clamp(sequence.PromptTokens - sequence.ComputedTokens, 0, tokens);
        Interlocked.Add(ref _promptTokens, prompt);
        Interlocked.Increment(ref _steps);
    }

    private void ReadPrompt(Sequence sequence, int position, Span<float> logits)
    {
        var (job, choice) = _active[sequence];
        job.AddPromptToken(position + 1, _sampler.Describe(logits, sequence.Ids[position + 1], job.Answers[choice].State.Sampling.PromptLogProbs ?? 0));
    }

    private void Sample(StepLogits logits)
    {
        var row = -1;
        foreach (var scheduled in _plan.Sequences)
        {
            if (!scheduled.Samples) continue;
            var sequence = scheduled.Sequence;
            row++;

            // A choice of the same job may have failed just now and taken this one with it.
            if (!_active.TryGetValue(sequence, out var entry)) continue;
            var (job, choice) = entry;
            bool isLast;
            try
            {
                isLast = job.Append(choice, Sample(logits, row, job.Answers[choice].State));
            }
            catch (InvalidOperationException exception)
            {
                Fail(job, exception);
                continue;
            }

            Interlocked.Increment(ref _completionTokens);
            if (!isLast) continue;
            _scheduler.Remove(sequence);
            _active.Remove(sequence);
            job.Finish(choice);
        }
    }

    private SampledToken Sample(StepLogits logits, int row, SequenceSamplingState state) =>
        state.LeavesLogits && logits.Top is { } top && _sampler.TrySample(top, row, state, out var token) ? token : _sampler.Sample(logits.Row(row), state);
}
