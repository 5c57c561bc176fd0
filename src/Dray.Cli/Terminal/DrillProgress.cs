using System.Globalization;
using Dray.Cli.Drill;
using Spectre.Console;

namespace Dray.Cli.Terminal;

/// <summary>Shows what a drill does: a line for each fault, and below them a bar on a terminal.</summary>
internal sealed class DrillProgress : IDrillObserver, IAsyncDisposable
{
    private readonly TextWriter _error;
    private readonly IAnsiConsole? _console;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ProgressTask> _task = new();
    private readonly Task _display = Task.CompletedTask;

    /// <summary>Begins to show.</summary>
    public DrillProgress(TextWriter error)
    {
        _error = error;
        if (!ReferenceEquals(error, Console.Error) || Console.IsErrorRedirected) return;
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        _display = _console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async context =>
            {
                _task.SetResult(context.AddTask("Starting workers", maxValue: 1));
                await _done.Task;
            });
    }

    /// <inheritdoc/>
    public void Note(string text)
    {
        if (_console is null) _error.WriteLine(text);
        else _console.WriteLine(text);
    }

    /// <inheritdoc/>
    public void Progressed(long rows, long total)
    {
        if (_console is null || total == 0) return;
        var task = _task.Task.Result;
        task.Description = string.Create(CultureInfo.InvariantCulture, $"{rows} of {total} rows");
        (task.MaxValue, task.Value) = (total, rows);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _done.TrySetResult();
        await _display;
    }
}
