using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray bench layers</c>: whole layers of random weights on the CPU, as llama-bench measures a model.</summary>
internal static class BenchLayersCommand
{
    private static readonly LayersOptions Defaults = new();

    public static Command Create()
    {
        var layers = Number("--layers", "Layers.", "N", Defaults.Layers);
        var prompt = Number("--pp", "Tokens of a prompt that is computed in one pass.", "TOKENS", Defaults.PromptTokens);
        var decode = Number("--tg", "Tokens that every sequence then decodes, one a step.", "TOKENS", Defaults.DecodeTokens);
        var prefill = Number("--prefill", "Tokens of a pass of many prompts, each of --pp tokens; 0 leaves it out.", "TOKENS", Defaults.PrefillTokens);
        var repeat = Number("--repeat", "How often each figure is measured, after once to warm up; the median counts. After 30 seconds a figure stands.", "N", Defaults.Repeats);
        var parallel = new Option<string>("--parallel")
        {
            Description = "Sequences that decode together; a figure for each number. Default: 1,4,8,16,32.",
            HelpName = "N,N,...",
            DefaultValueFactory = _ => string.Join(',', Defaults.Parallel),
        };
        var json = CommonOptions.Json();
        var command = new Command("layers", "Tokens per second of decoder layers of random 4-bit weights on the CPU, beside what the machine can do at most.")
        {
            layers, prompt, decode, parallel, prefill, repeat, json,
        };
        var cpu = new BenchCpuOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            var options = new LayersOptions
            {
                Shape = parsed.GetRequiredValue(cpu.Shape),
                Layers = parsed.GetValue(layers),
                PromptTokens = parsed.GetValue(prompt),
                DecodeTokens = parsed.GetValue(decode),
                PrefillTokens = parsed.GetValue(prefill),
                Repeats = parsed.GetValue(repeat),
                Parallel = NumberList.Parse("--parallel", parsed.GetRequiredValue(parallel)),
            };
            var activations = cpu.ActivationsOf(parsed);
            try
            {
                options.Validate();
                using var backend = cpu.Start(parsed);
                var benchmark = new LayersBenchmark(backend, options);
                var result = await Task.Run(() => benchmark.Run(new BenchProgress(terminal.Error), cancellationToken), cancellationToken);
                var report = new LayersReport(new BenchmarkMachine(CpuBackend.Processor, backend.Name, backend.Threads, activations), options, result);
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

    private static Option<int> Number(string name, string description, string unit, int standard) => new(name)
    {
        Description = $"{description} Default: {standard}.",
        HelpName = unit,
        DefaultValueFactory = _ => standard,
    };
}
