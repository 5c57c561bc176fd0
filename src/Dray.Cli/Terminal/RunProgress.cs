using System.Globalization;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;
using Dray.Worker.Embedded;
using Spectre.Console;

namespace Dray.Cli.Terminal;

/// <summary>Shows how far a run or an evaluation is: a bar with rows, tokens/s and time left on a terminal, a line now and then elsewhere.</summary>
internal abstract class RunProgress : IProgress<EmbeddedBatchProgress>, IProgress<LoadProgress>, IProgress<EvaluationProgress>, IAsyncDisposable
{
    /// <summary>A bar where <paramref name="error"/> is a terminal, else lines.</summary>
    public static RunProgress Start(TextWriter error, string beginning = "Loading the model") =>
        ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected ? new Bar(error, beginning) : new Lines(error);

    public abstract void Report(EmbeddedBatchProgress value);

    public abstract void Report(LoadProgress value);

    public abstract void Report(EvaluationProgress value);

    /// <summary>Shows a sentence that isn't about rows.</summary>
    public abstract void Note(string text);

    public abstract ValueTask DisposeAsync();

    private static string Describe(EmbeddedBatchProgress value)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{value.Done} of {value.Total} rows");
        if (value.Failed > 0) text += string.Create(CultureInfo.InvariantCulture, $", {value.Failed} failed");
        if (value.CompletionTokens > 0 && value.Elapsed > TimeSpan.Zero)
            text += string.Create(CultureInfo.InvariantCulture, $", {value.CompletionTokens / value.Elapsed.TotalSeconds:F0} tokens/s");
        var own = value.Done - value.Resumed;
        if (own > 0 && value.Done < value.Total) text += $", {value.Elapsed / own * (value.Total - value.Done):hh\\:mm\\:ss} left";
        return text;
    }

    private sealed class Lines(TextWriter error) : RunProgress
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
        private readonly Lock _gate = new();
        private readonly LoadTime _load = new(TimeProvider.System, Interval);
        private readonly EvaluationTime _evaluation = new(TimeProvider.System, Interval);
        private TimeSpan _next = Interval;
        private bool _isDone;

        public override void Report(EmbeddedBatchProgress value)
        {
            lock (_gate)
            {
                // The last rows may end together, and each of them tells it.
                if (_isDone || (value.Elapsed < _next && value.Done < value.Total)) return;
                _isDone = value.Done == value.Total;
                _next = value.Elapsed + Interval;
                error.WriteLine(Describe(value));
            }
        }

        public override void Report(LoadProgress value)
        {
            lock (_gate)
            {
                if (_load.Describe(value) is { } text) error.WriteLine(text);
            }
        }

        public override void Report(EvaluationProgress value)
        {
            lock (_gate)
            {
                if (_evaluation.Describe(value) is { } text) error.WriteLine(text);
            }
        }

        public override void Note(string text)
        {
            lock (_gate) error.WriteLine(text);
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Bar : RunProgress
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<ProgressTask> _task = new();
        private readonly LoadTime _load = new(TimeProvider.System, TimeSpan.Zero);
        private readonly EvaluationTime _evaluation = new(TimeProvider.System, TimeSpan.Zero);
        private readonly Task _display;

        public Bar(TextWriter error, string beginning)
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
            _display = console.Progress()
                .AutoClear(true)
                .Columns(new SpinnerColumn(), new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
                .StartAsync(async context =>
                {
                    _task.SetResult(context.AddTask(beginning, maxValue: 1));
                    await _done.Task;
                });
        }

        public override void Report(EmbeddedBatchProgress value) => Show(Describe(value), value.Done, value.Total);

        public override void Report(LoadProgress value)
        {
            if (_load.Describe(value) is { } text) Show(text, value.Bytes, value.TotalBytes);
        }

        public override void Report(EvaluationProgress value)
        {
            if (_evaluation.Describe(value) is { } text) Show(text, value.Done, value.Total);
        }

        public override void Note(string text) => _task.Task.Result.Description = Markup.Escape(text);

        private void Show(string text, double done, double total)
        {
            var task = _task.Task.Result;
            task.Description = Markup.Escape(text);
            task.MaxValue = Math.Max(total, 1);
            task.Value = done;
        }

        public override async ValueTask DisposeAsync()
        {
            _done.TrySetResult();
            await _display;
        }
    }
}
