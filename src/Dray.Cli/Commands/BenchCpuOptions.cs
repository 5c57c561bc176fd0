using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Inference;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary>Options of the commands that measure the CPU backend itself, and the backend that they ask for.</summary>
internal sealed class BenchCpuOptions
{
    private readonly Option<string> _activations = new("--activations")
    {
        Description = "How activations enter a product of 4-bit weights: bf16 keeps their precision, int8 rounds them to 8 bits. Default: bf16.",
        HelpName = string.Join('|', ActivationPrecisions.Names),
        DefaultValueFactory = _ => ActivationPrecisions.NameOf(ActivationPrecision.Bits16),
    };

    private readonly Option<string?> _path = new("--cpu-path")
    {
        Description = "Which kernels compute; refused where they can't run. Default: the fastest that can.",
        HelpName = string.Join('|', CpuInstructionSets.Names),
    };

    private readonly Option<int?> _threads = new("--threads") { Description = "Threads, 1 to 1024. Default: one per physical core.", HelpName = "N" };

    /// <summary>Adds the options to a command.</summary>
    public BenchCpuOptions(Command command)
    {
        command.Add(Shape);
        command.Add(_activations);
        command.Add(_path);
        command.Add(_threads);
    }

    /// <summary>Gets the option for the shape of the matrices.</summary>
    public Option<string> Shape { get; } = new("--shape")
    {
        Description = "Whose matrices: Mistral-Small-3.2-24B's, or the demo model's. Default: 24b.",
        HelpName = string.Join('|', BenchmarkShapes.Names),
        DefaultValueFactory = _ => new LayersOptions().Shape,
    };

    /// <summary>What activations are made of: <c>bf16</c> or <c>int8</c>.</summary>
    /// <exception cref="CommandException">It is something else.</exception>
    public string ActivationsOf(ParseResult parsed) => ActivationPrecisions.NameOf(PrecisionOf(parsed));

    /// <summary>Starts the backend.</summary>
    /// <exception cref="CommandException">The number of threads is out of range, or a name is none.</exception>
    /// <exception cref="EngineConfigurationException">The path can't be used here, or doesn't multiply what activations are to be.</exception>
    public CpuBackend Start(ParseResult parsed)
    {
        var threads = parsed.GetValue(_threads);
        if (threads is < 1 or > CpuBackendOptions.MaxThreads)
            throw new CommandException(ExitCode.Usage, $"--threads is {threads}, but it must be a whole number from 1 to {CpuBackendOptions.MaxThreads}.");
        CpuInstructionSet? path = null;
        if (parsed.GetValue(_path) is { } name && !CpuInstructionSets.TryParse(name, out path))
            throw new CommandException(ExitCode.Usage, $"--cpu-path is '{ConfigurationText.Quote(name)}', but it must be one of {string.Join(", ", CpuInstructionSets.Names)}.");
        return new CpuBackend(new CpuBackendOptions { Threads = threads, InstructionSet = path, Activations = PrecisionOf(parsed) });
    }

    private ActivationPrecision PrecisionOf(ParseResult parsed)
    {
        var text = parsed.GetRequiredValue(_activations);
        return ActivationPrecisions.TryParse(text, out var precision) ? precision.Value : throw new CommandException(
            ExitCode.Usage, $"--activations is '{ConfigurationText.Quote(text)}', but it must be {string.Join(" or ", ActivationPrecisions.Names)}.");
    }
}
