using System.Globalization;
using Dray.Quantization;
using Spectre.Console;

namespace Dray.Cli.Terminal;

/// <summary>Shows how far a quantization is: a bar with block, iteration, loss and time left on a terminal, elsewhere a line for each block.</summary>
internal abstract class QuantizeProgress : IProgress<QuantizationProgress>, IAsyncDisposable
{
    /// <summary>A bar where <paramref name="error"/> is a terminal, else lines.</summary>
    public static QuantizeProgress Start(TextWriter error) =>
        ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected ? new Bar(error) : new Lines(error);

    public abstract void Report(QuantizationProgress value);

    /// <summary>Shows a sentence that the operator should know.</summary>
    public abstract void Warn(string text);

    public abstract ValueTask DisposeAsync();

    private static string Describe(QuantizationProgress value)
    {
        if (value.Block >= value.Blocks) return "Writing the checkpoint";
        var text = string.Create(CultureInfo.InvariantCulture, $"block {value.Block + 1} of {value.Blocks}");
        if (value.Finished is { BestLoss: { } best, FirstLoss: { } first } report)
            text += string.Create(CultureInfo.InvariantCulture, $": loss {first:G4} -> {best:G4} at iteration {report.BestIteration}");
        else if (value is { Finished: null, Loss: { } loss })
            text += string.Create(CultureInfo.InvariantCulture, $", iteration {value.Iteration} of {value.Iterations}, loss {loss:G4}");
        if (value.Finished is { } finished) text += string.Create(CultureInfo.InvariantCulture, $", {finished.Seconds:F1} s");
        if (value.Left is { } left) text += string.Create(CultureInfo.InvariantCulture, $", {(int)left.TotalHours:D2}:{left:mm\\:ss} left");
        return text;
    }

    private sealed class Lines(TextWriter error) : QuantizeProgress
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
        private TimeSpan _next = Interval;

        public override void Report(QuantizationProgress value)
        {
            // Blocks that were tuned have something to say; of the others a line now and then is enough.
            if (value.Finished?.FirstLoss is null && value.Elapsed < _next && value.Block < value.Blocks) return;
            _next = value.Elapsed + Interval;
            error.WriteLine(Describe(value));
        }

        public override void Warn(string text) => error.WriteLine($"warning: {text}");

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Bar : QuantizeProgress
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<ProgressTask> _task = new();
        private readonly IAnsiConsole _console;
        private readonly Task _display;

        public Bar(TextWriter error)
        {
            _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
            _display = _console.Progress()
                .AutoClear(true)
                .Columns(new SpinnerColumn(), new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
                .StartAsync(async context =>
                {
                    _task.SetResult(context.AddTask("Reading the checkpoint", maxValue: 1));
                    await _done.Task;
                });
        }

        public override void Report(QuantizationProgress value)
        {
            // The losses stay above the bar.
            if (value.Finished is { FirstLoss: not null }) _console.WriteLine(Describe(value));
            var task = _task.Task.Result;
            task.Description = Markup.Escape(Describe(value));
            task.Value = value.Share;
        }

        public override void Warn(string text) => _console.WriteLine($"warning: {text}");

        public override async ValueTask DisposeAsync()
        {
            _done.TrySetResult();
            await _display;
        }
    }
}
