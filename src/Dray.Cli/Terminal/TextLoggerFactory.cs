using Dray.Cli.Configuration;
using Dray.Inference;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Terminal;

/// <summary>Writes warnings and errors of the libraries and remarks on the configuration as plain lines; more with <c>DRAY_LOG=info</c> or <c>debug</c>.</summary>
internal sealed class TextLoggerFactory(TextWriter error) : ILoggerFactory
{
    private readonly LogLevel _lowest = Environment.GetEnvironmentVariable("DRAY_LOG") switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        _ => LogLevel.Warning,
    };

    public ILogger CreateLogger(string categoryName) => new TextLogger(error, LowestOf(categoryName), categoryName);

    // What the operator's own file says and can't be had, and what the engine has room for, is worth a line in every run.
    private LogLevel LowestOf(string category) =>
        (category == typeof(DrayConfiguration).FullName || category == typeof(InferenceEngine).FullName) && _lowest > LogLevel.Information
            ? LogLevel.Information
            : _lowest;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The command line logs to stderr only.");

    public void Dispose()
    {
    }

    private sealed class TextLogger(TextWriter error, LogLevel lowest, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var name = category[(category.LastIndexOf('.') + 1)..];
            var cause = exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})";
            error.WriteLine($"{logLevel.ToString().ToLowerInvariant()}: {name}: {formatter(state, exception)}{cause}");
        }
    }
}
