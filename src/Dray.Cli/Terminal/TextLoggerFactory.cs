using Microsoft.Extensions.Logging;

namespace Dray.Cli.Terminal;

/// <summary>Writes warnings and errors of the libraries as plain lines; more with <c>DRAY_LOG=info</c> or <c>debug</c>.</summary>
internal sealed class TextLoggerFactory(TextWriter error) : ILoggerFactory
{
    private readonly LogLevel _lowest = Environment.GetEnvironmentVariable("DRAY_LOG") switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        _ => LogLevel.Warning,
    };

    public ILogger CreateLogger(string categoryName) => new TextLogger(error, _lowest, categoryName);

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
