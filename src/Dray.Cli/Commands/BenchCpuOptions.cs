using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary>Options of the commands that measure the CPU backend itself, and the backend that they ask for.</summary>
internal sealed class BenchCpuOptions
{
    private const string Exact = "bf16";
    private const string Int8 = "int8";

    private readonly Option<string> _activations = new("--activations")
    {
        Description = "How activations enter a product of 4-bit weights: bf16 keeps their precision, int8 rounds them to 8 bits. Default: bf16.",
        HelpName = "bf16|int8",
        DefaultValueFactory = _ => Exact,
    };

    private readonly Option<int?> _threads = new("--threads") { Description = "Threads, 1 to 1024. Default: one per physical core.", HelpName = "N" };

    /// <summary>Adds the options to a command.</summary>
    public BenchCpuOptions(Command command)
    {
        command.Add(Shape);
        command.Add(_activations);
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
    public string ActivationsOf(ParseResult parsed) => parsed.GetRequiredValue(_activations) switch
    {
        Exact => Exact,
        Int8 => Int8,
        var other => throw new CommandException(ExitCode.Usage, $"--activations is '{ConfigurationText.Quote(other)}', but it must be {Exact} or {Int8}."),
    };

    /// <summary>Starts the backend.</summary>
    /// <exception cref="CommandException">The number of threads is out of range, or the processor doesn't multiply what activations are to be.</exception>
    public CpuBackend Start(ParseResult parsed)
    {
        var threads = parsed.GetValue(_threads);
        if (threads is < 1 or > CpuBackendOptions.MaxThreads)
            throw new CommandException(ExitCode.Usage, $"--threads is {threads}, but it must be a whole number from 1 to {CpuBackendOptions.MaxThreads}.");
        var precision = ActivationsOf(parsed) == Int8 ? ActivationPrecision.Bits8 : ActivationPrecision.Bits16;
        var backend = new CpuBackend(new CpuBackendOptions { Threads = threads, Activations = precision });
        if (precision == ActivationPrecision.Bits16 || backend.InstructionSet >= CpuInstructionSet.Avx512Vnni) return backend;
        using (backend)
        {
            throw new CommandException(
                ExitCode.Usage, $"--activations is {Int8}, but {backend.Name} doesn't multiply integers, which takes AVX512-VNNI; leave it at {Exact}.");
        }
    }
}
