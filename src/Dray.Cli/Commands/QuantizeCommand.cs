using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference.Checkpoints;
using Dray.Quantization;

namespace Dray.Cli.Commands;

/// <summary><c>dray quantize</c>: makes a quantized checkpoint of one in 16 bits.</summary>
internal static class QuantizeCommand
{
    public const string Name = "quantize";

    public static Command Create()
    {
        var source = new Argument<string>("DIR") { Description = "Folder of the checkpoint in 16 bits." };
        var output = new Option<string>("--output") { Description = "Folder for the quantized checkpoint, which is to be made.", HelpName = "DIR", Required = true };
        var resume = new Option<bool>("--resume") { Description = "Go on with a run that was stopped, whose blocks are in DIR.partial." };
        var force = new Option<bool>("--force") { Description = "Replace a checkpoint that is in the output folder, and start over unless --resume says otherwise." };
        var json = CommonOptions.Json();
        var command = new Command(Name, "Quantize a checkpoint as AutoRound does, block by block; a run that was stopped can go on.") { source, output };
        var quantization = new QuantizeOptions(command);
        foreach (var option in (Option[])[resume, force, json]) command.Add(option);
        var configured = ConfigurationOptions.OfProcessor(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var loggers = new TextLoggerFactory(parsed.InvocationConfiguration.Error);
            var configuration = configured.Resolve(parsed, loggers);
            var folder = parsed.GetRequiredValue(output);
            try
            {
                var options = quantization.Of(parsed);
                using var backend = BackendFactory.Cpu(configuration, loggers);
                IBlockQuantizer CreateBlockQuantizer(Checkpoint checkpoint, Action<string> warn) => BlockQuantizers.Create(checkpoint, options, backend, warn);
                QuantizationReport report;
                await using (var progress = QuantizeProgress.Start(parsed.InvocationConfiguration.Error))
                {
                    var quantizer = new Quantizer(parsed.GetRequiredValue(source), folder, options, backend, CreateBlockQuantizer)
                    {
                        Resumes = parsed.GetValue(resume),
                        Overwrites = parsed.GetValue(force),
                        Warn = progress.Warn,
                    };
                    report = await Task.Run(() => quantizer.Run(progress, cancellationToken), CancellationToken.None);
                }

                await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json) ? report.ToJson() : QuantizeReport.Describe(report, folder));
                return ExitCode.Done;
            }
            catch (ArgumentException exception)
            {
                throw new CommandException(ExitCode.Usage, exception.Message);
            }
            catch (OperationCanceledException)
            {
                throw new CommandException(ExitCode.Interrupted, Interrupted(folder));
            }
        });
        return command;
    }

    private static string Interrupted(string folder) => Quantizer.PartialFolderOf(folder) is var partial && Directory.Exists(partial)
        ? $"interrupted; the finished blocks are kept in {partial}, and the same command with --resume goes on with them."
        : "interrupted before the first block was done.";
}
