using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference.Compute;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary>An evaluation from its options to its result: opens the backend, loads models onto it and shows how far it is.</summary>
internal sealed class EvalSession
{
    private readonly ParseResult _parsed;
    private readonly EvalOptions _options;
    private readonly IComputeBackend _backend;

    private EvalSession(ParseResult parsed, EvalOptions options, DrayConfiguration configuration, IComputeBackend backend, RunProgress progress) =>
        (_parsed, _options, Configuration, _backend, Progress) = (parsed, options, configuration, backend, progress);

    /// <summary>Gets what the command line and the configuration file say.</summary>
    public DrayConfiguration Configuration { get; }

    /// <summary>Gets what is told of the progress.</summary>
    public RunProgress Progress { get; }

    /// <summary>Runs an evaluation on a thread of its own, so that an interruption is seen.</summary>
    /// <exception cref="CommandException">An option's value can't be used.</exception>
    public static async Task<T> RunAsync<T>(ParseResult parsed, EvalOptions options, Func<EvalSession, T> evaluate)
    {
        var error = parsed.InvocationConfiguration.Error;
        using var loggers = new TextLoggerFactory(error);
        var configuration = options.Resolve(parsed, loggers);
        using var backend = BackendFactory.Create(configuration, loggers);
        await using var progress = RunProgress.Start(error);
        var session = new EvalSession(parsed, options, configuration, backend, progress);
        try
        {
            return await Task.Run(() => evaluate(session));
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }
    }

    /// <summary>Loads a checkpoint.</summary>
    public LanguageModel Load(string folder) => _options.Load(_parsed, folder, _backend, Progress);

    /// <summary>Reads the text in a model's tokens.</summary>
    public TextChunks Read(LanguageModel model) => _options.Read(_parsed, model.Tokenizer);

    /// <summary>Reads the text in the tokens of two models.</summary>
    /// <exception cref="CommandException">They aren't the same.</exception>
    public TextChunks Read(LanguageModel reference, LanguageModel model)
    {
        var (text, other) = (Read(model), Read(reference));
        return text.Of(0, text.Count).SequenceEqual(other.Of(0, other.Count)) ? text : throw new CommandException(
            ExitCode.InputRefused, "The tokenizers of the model and its base make different tokens of the text; a divergence needs two models of one vocabulary.");
    }
}
