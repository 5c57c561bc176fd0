using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray bench kernels</c>: the matrix products of a layer on the CPU, one by one.</summary>
internal static class BenchKernelsCommand
{
    public static Command Create()
    {
        var rows = new Option<string>("--m")
        {
            Description = "Rows of a product: tokens of a pass. Default: 1,4,32,512,8192.",
            HelpName = "M,M,...",
            DefaultValueFactory = _ => string.Join(',', new KernelsOptions().Rows),
        };
        var layers = new Option<int?>("--layers")
        {
            Description = "Copies of a matrix that take turns, so that caches hold what they would in a model of so many layers. " +
                "Default: as many as take 256 MiB, at most the model's.",
            HelpName = "N",
        };
        var json = CommonOptions.Json();
        var command = new Command("kernels", "Speed of each matrix product of a decoder layer on the CPU, beside what the machine can do at most.")
        {
            rows, layers, json,
        };
        var cpu = new BenchCpuOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            var options = new KernelsOptions
            {
                Shape = parsed.GetRequiredValue(cpu.Shape),
                Rows = NumberList.Parse("--m", parsed.GetRequiredValue(rows)),
                Layers = parsed.GetValue(layers),
            };
            var activations = cpu.ActivationsOf(parsed);
            try
            {
                options.Validate();
                using var backend = cpu.Start(parsed);
                var benchmark = new KernelsBenchmark(backend, options);
                var result = await Task.Run(() => benchmark.Run(new BenchProgress(terminal.Error), cancellationToken), cancellationToken);
                var report = new KernelsReport(new BenchmarkMachine(CpuBackend.Processor, backend.Name, backend.Threads, activations), options, result);
                await terminal.Output.WriteLineAsync(parsed.GetValue(json) ? report.ToJson().ToJsonString() : report.ToMarkdown());
                return ExitCode.Done;
            }
            catch (ArgumentException exception)
            {
                throw new CommandException(ExitCode.Usage, exception.Message);
            }
        });
        return command;
    }
}
