using System.CommandLine;
using Dray.Cli.Commands;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Tokenization;
using Dray.Quantization;
using Dray.Quantization.Calibration;
using Dray.Quantization.Evaluation;
using Dray.Worker.Client;
using Dray.Worker.Embedded;
using Dray.Worker.Transport;
using Microsoft.Extensions.Logging;

namespace Dray.Cli;

/// <summary>The <c>dray</c> command: parses, runs, and turns every failure into a sentence on stderr and an exit code.</summary>
internal static class DrayCommandLine
{
    public static async Task<int> InvokeAsync(
        string[] args, TextWriter output, TextWriter error, Func<DrayConfiguration, ILoggerFactory, IComputeBackend>? createBackend = null)
    {
        createBackend ??= BackendFactory.Create;
        var root = new RootCommand("Dray: batch inference for chat prompts, pictures and tool schemas.")
        {
            RunCommand.Create(createBackend),
            ServeCommand.Create(createBackend),
            WorkerCommand.Create(createBackend),
            LabelCommand.Create(createBackend),
            ApiKeyCommand.Create(),
            ValidateCommand.Create(),
            SubmitCommand.Create(),
            StatusCommand.Create(),
            BatchesCommand.Create(),
            WatchCommand.Create(),
            OutputCommand.Create(),
            CancelCommand.Create(),
            PauseCommand.Create(),
            ResumeCommand.Create(),
            RetryFailedCommand.Create(),
            SchedulesCommand.Create(),
            QueuesCommand.Create(),
            RequeueCommand.Create(),
            DrillCommand.Create(),
            DoctorCommand.Create(),
            TokenizeCommand.Create(),
            InspectCommand.Create(),
            QuantizeCommand.Create(),
            EvalCommand.Create(),
            BenchCommand.Create(),
            CompletionCommand.Create(),
        };
        ValueCompletions.AddTo(root);
        root.SetAction(_ => Overview.Write(output, ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected));
        var parsed = root.Parse(args);

        // A line that a shell asks to be completed needn't be right.
        var isSuggesting = args is [var directive, ..] && directive.StartsWith("[suggest", StringComparison.Ordinal);
        if (parsed.Errors.Count > 0 && !isSuggesting)
        {
            await UsageErrors.WriteAsync(parsed, error);
            return ExitCode.Usage;
        }

        try
        {
            var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };

            // A worker knows by itself how long it may take to stop, and a step of tuning isn't interrupted half-way.
            if (parsed.CommandResult.Command.Name is WorkerCommand.Name or ServeCommand.Name or QuantizeCommand.Name) configuration.ProcessTerminationTimeout = TimeSpan.FromHours(2);
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception exception) when (Explain(exception) is { } explained)
        {
            await error.WriteLineAsync($"dray: {explained.Message}");
            if (explained.ExitCode == ExitCode.OutOfReach) await error.WriteLineAsync("Try 'dray doctor' with the same --broker and --store: it looks closer.");
            return explained.ExitCode;
        }
    }

    /// <summary>What a failure means to the person at the terminal; null where it is nobody's but ours.</summary>
    internal static CommandException? Explain(Exception exception) => exception switch
    {
        CommandException known => known,
        OperationCanceledException => new CommandException(ExitCode.Interrupted, "interrupted; run the same command again to go on where it stopped."),
        EmbeddedBatchException { Problem: EmbeddedBatchProblem.InputRefused } => new CommandException(ExitCode.InputRefused, exception.Message),
        EmbeddedBatchException { Problem: EmbeddedBatchProblem.OutputBusy } => new CommandException(ExitCode.Usage, exception.Message),
        EmbeddedBatchException { Problem: EmbeddedBatchProblem.DeviceLost } => new CommandException(ExitCode.DeviceLost, exception.Message),
        EmbeddedBatchException => new CommandException(ExitCode.OutOfReach, exception.Message),
        BatchClientException { Problem: BatchClientProblem.BrokerOutOfReach or BatchClientProblem.StoreOutOfReach } =>
            new CommandException(ExitCode.OutOfReach, exception.Message),
        BatchClientException { Problem: BatchClientProblem.OutputRefused } => new CommandException(ExitCode.Usage, exception.Message),
        BatchClientException => new CommandException(ExitCode.InputRefused, exception.Message),
        BrokerException => new CommandException(ExitCode.OutOfReach, exception.Message),
        DeviceLostException => new CommandException(ExitCode.DeviceLost, exception.Message),
        QuantizationException { Problem: QuantizationProblem.OutputRefused } => new CommandException(ExitCode.Usage, exception.Message),
        QuantizationException => new CommandException(ExitCode.OutOfReach, exception.Message),
        EngineConfigurationException => new CommandException(ExitCode.Usage, exception.Message),
        CheckpointException or TokenizerException or CalibrationException or EvaluationException => new CommandException(ExitCode.InputRefused, exception.Message),
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => new CommandException(ExitCode.InputRefused, exception.Message),
        IOException => new CommandException(ExitCode.OutOfReach, exception.Message),
        _ => null,
    };
}
