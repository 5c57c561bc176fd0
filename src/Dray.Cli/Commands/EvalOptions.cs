using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference.Compute;

namespace Dray.Cli.Commands;

/// <summary>Options that all evaluations share, and the session that they ask for.</summary>
internal sealed class EvalOptions
{
    private readonly Option<string> _kvCacheDtype = CommonOptions.KvCacheDtype("fp32");
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly ConfigurationOptions _configuration;

    /// <summary>Adds the options to a command.</summary>
    public EvalOptions(Command command)
    {
        command.Add(_kvCacheDtype);
        command.Add(_json);
        _configuration = ConfigurationOptions.OfBackend(command);
    }

    /// <summary>Whether the result is to be JSON.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Runs an evaluation on a thread of its own, so that an interruption is seen.</summary>
    /// <exception cref="CommandException">An option's value can't be used.</exception>
    public Task<T> RunAsync<T>(ParseResult parsed, Func<EvalSession, T> evaluate) => RunAsync(parsed, session => Task.FromResult(evaluate(session)));

    /// <inheritdoc cref="RunAsync{T}(ParseResult, Func{EvalSession, T})"/>
    public async Task<T> RunAsync<T>(ParseResult parsed, Func<EvalSession, Task<T>> evaluate)
    {
        var error = parsed.InvocationConfiguration.Error;
        using var loggers = new TextLoggerFactory(error);
        var configuration = _configuration.Resolve(parsed, loggers);
        using var backend = BackendFactory.Create(configuration, loggers);
        await using var progress = RunProgress.Start(error);
        var session = new EvalSession(configuration, loggers, backend, KvCacheDataTypes.Parse(parsed.GetRequiredValue(_kvCacheDtype)), progress);
        try
        {
            return await Task.Run(() => evaluate(session));
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }
    }
}
