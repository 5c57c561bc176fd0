using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.Cuda;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dray.Inference.Ilgpu.Tests.Cuda;

public sealed class CudaGraphReplayTests : IDisposable
{
    private readonly RecordingGraphs _graphs = new();
    private readonly AttentionLayout _layout = new();
    private readonly CudaGraphReplay _replay;
    private readonly Action _pass;
    private int _calls;

    public CudaGraphReplayTests()
    {
        _replay = new CudaGraphReplay(_graphs, NullLogger.Instance);
        _pass = Pass;
    }

    [Fact]
    public void Run_SameSize_IsCapturedTheSecondTimeAndLaunchedFromThenOn()
    {
        for (var step = 0; step < 5; step++) Run(Decode(3));

        (_calls, _graphs.Made, _graphs.Launches).ShouldBe((2, 1, 4));
        _graphs.Ran.ShouldBe(["3", "3", "3", "3", "3"]);
    }

    [Fact]
    public void Run_ManySizes_EachHasItsOwnGraph()
    {
        for (var step = 0; step < 12; step++) Run(Decode(1 + (step % 3)));

        (_calls, _graphs.Made).ShouldBe((6, 3));
        _graphs.Ran.ShouldBe([.. Enumerable.Range(0, 12).Select(step => $"{1 + (step % 3)}")]);
    }

    [Fact]
    public void Run_OtherPassOfTheSameSize_HasItsOwnGraph()
    {
        Action other = () => _graphs.Operate("other");
        for (var step = 0; step < 3; step++)
        {
            Run(Decode(2));
            _replay.Run(Decode(2), 1, other);
        }

        _graphs.Ran.ShouldBe(["2", "other", "2", "other", "2", "other"]);
        _graphs.Made.ShouldBe(2);
    }

    [Fact]
    public void Run_PromptsOrLargePasses_AreNeverCaptured()
    {
        for (var step = 0; step < 3; step++)
        {
            Run(Decode(CudaGraphReplay.MostTokens + 1));
            Decode(2);
            _layout.Add([7], 0, 5);
            Run(_layout);
        }

        (_calls, _graphs.Made).ShouldBe((6, 0));
    }

    [Fact]
    public void Run_AfterABufferMovedOrWasFreed_IsCapturedAnew()
    {
        var (used, unused) = (new object(), new object());
        Action pass = () =>
        {
            _replay.Use(used);
            Pass();
        };
        void Step(long generation) => _replay.Run(Decode(2), generation, pass);
        for (var step = 0; step < 3; step++) Step(1);
        _replay.Freed(unused);
        Step(1);
        (_graphs.Made, _calls).ShouldBe((1, 2));

        _replay.Freed(used);
        _graphs.Alive.ShouldBe(0);
        for (var step = 0; step < 3; step++) Step(1);
        (_graphs.Made, _calls).ShouldBe((2, 4));

        for (var step = 0; step < 3; step++) Step(2);
        (_graphs.Made, _graphs.Alive, _calls).ShouldBe((3, 1, 6));
        _graphs.Ran.Count.ShouldBe(10);
    }

    [Fact]
    public void Run_BufferFreedWhileCaptured_RunsThePassAndTriesAgain()
    {
        var buffer = new object();
        Action pass = () =>
        {
            _replay.Use(buffer);
            if (_calls == 1) _replay.Freed(buffer);
            Pass();
        };
        for (var step = 0; step < 4; step++) _replay.Run(Decode(2), 1, pass);

        _graphs.Ran.ShouldBe(["2", "2", "2", "2"]);
        (_graphs.Made, _graphs.Alive, _graphs.IsCapturing).ShouldBe((2, 1, false));
    }

    [Fact]
    public void Run_CaptureFails_RunsEveryPassAsItIsAndSaysSoOnce()
    {
        var log = new Lines();
        using var replay = new CudaGraphReplay(_graphs, log);
        _graphs.Failure = new CudaDriverException(901, "A stream's capture could not end: operation failed due to a previous error during capture (901).");
        for (var step = 0; step < 6; step++) replay.Run(Decode(1 + (step % 2)), 1, _pass);

        _graphs.Ran.Count.ShouldBe(6);
        _graphs.Launches.ShouldBe(0);
        log.Messages.ShouldHaveSingleItem().ShouldContain("previous error during capture (901)");
    }

    [Fact]
    public void Run_PassFailsWhileCaptured_EndsTheCaptureAndFailsAsItIs()
    {
        Action pass = () =>
        {
            if (++_calls > 1) throw new InvalidOperationException("broken");
        };
        _replay.Run(Decode(1), 1, pass);

        Should.Throw<InvalidOperationException>(() => _replay.Run(Decode(1), 1, pass)).Message.ShouldBe("broken");
        _graphs.IsCapturing.ShouldBeFalse();
    }

    [Fact]
    public void Run_DeviceIsLostWhileCaptured_SaysSo() => Should.Throw<DeviceLostException>(() =>
    {
        for (var step = 0; step < 2; step++) _replay.Run(Decode(1), 1, Lose);
        void Lose()
        {
            if (++_calls == 2) throw new DeviceLostException("The test's device is gone.");
        }
    });

    [Fact]
    public void Run_AfterWarmUp_AllocatesNothing()
    {
        for (var step = 0; step < 8; step++) Run(Decode(2));
        _graphs.Ran.EnsureCapacity(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < 50; step++) _replay.Run(_layout, 1, _pass);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Dispose_GraphsLeft_AreDestroyed()
    {
        for (var step = 0; step < 4; step++) Run(Decode(1 + (step % 2)));
        _graphs.Alive.ShouldBe(2);

        _replay.Dispose();

        _graphs.Alive.ShouldBe(0);
    }

    public void Dispose() => _replay.Dispose();

    private void Run(AttentionLayout layout) => _replay.Run(layout, 1, _pass);

    private AttentionLayout Decode(int sequences)
    {
        _layout.Reset();
        for (var i = 0; i < sequences; i++) _layout.Add([i], 3, 1);
        return _layout;
    }

    private void Pass()
    {
        _calls++;
        _graphs.Operate(_layout.Tokens.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private sealed class Lines : ILogger
    {
        public List<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Add(formatter(state, exception));
    }
}
