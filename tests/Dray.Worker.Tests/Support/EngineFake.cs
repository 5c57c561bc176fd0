using System.Collections.Concurrent;
using Dray.Inference;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Worker.Tests.Support;

/// <summary>An engine that says the prompt back, counts who asked, and fails where the prompt says so.</summary>
internal sealed class EngineFake : IInferenceEngine
{
    private readonly TaskCompletionSource<DeviceLostException> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private int _peak;

    public ConcurrentDictionary<string, int> Calls { get; } = new();

    /// <summary>What happens before an answer; nothing by default.</summary>
    public Func<string, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The prompt on which the device is lost, for all others too.</summary>
    public string? LosesDeviceOn { get; set; }

    public Task<DeviceLostException> DeviceLost => _lost.Task;

    public int Peak => _peak;

    public bool IsDisposed { get; private set; }

    public ModelIdentity Model { get; init; } = new("fake-model", "d1935", "fake", 4096);

    public SamplingParams DefaultSampling { get; init; } = new();

    public EngineStatistics Statistics { get; set; }

    public async Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        var prompt = PromptOf(request);
        Calls.AddOrUpdate(prompt, 1, (_, calls) => calls + 1);
        var running = Interlocked.Increment(ref _running);
        for (var peak = _peak; running > peak && Interlocked.CompareExchange(ref _peak, running, peak) != peak; peak = _peak)
        {
        }

        try
        {
            await Before(prompt, cancellationToken);
            if (prompt == LosesDeviceOn) _lost.TrySetResult(new DeviceLostException("The test's device is gone."));
            if (_lost.Task.IsCompleted) throw await _lost.Task;
            cancellationToken.ThrowIfCancellationRequested();
            return prompt switch
            {
                "fail" => throw new InvalidDataException("The kernel gave NaN."),
                "too long" => throw new RequestRejectedException(RequestErrorCodes.ContextLengthExceeded, "The prompt has 5000 tokens, more than 4096.", "messages"),
                "tools" => new([new GenerationChoice(null, [new ToolCall("abcdefghi", "look", "{\"at\":1}")], FinishReason.ToolCalls)], 7, 3),
                _ => new([new GenerationChoice($"{prompt}|{string.Join(',', request.Images.Select(image => image.Length))}", [], FinishReason.Stop)], 5, 2),
            };
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    private static string PromptOf(GenerationRequest request) =>
        string.Concat(((ChatRequest)request.Prompt).Messages.SelectMany(message => message.Content).OfType<TextPart>().Select(part => part.Text));
}
