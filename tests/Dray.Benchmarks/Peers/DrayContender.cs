using System.Globalization;
using System.Text.Json;

namespace Dray.Benchmarks.Peers;

/// <summary>This repository's <c>./dray bench</c>.</summary>
internal sealed class DrayContender(PeersOptions options, string repository, string activations) : IContender
{
    private readonly string _threads = options.Threads.ToString(CultureInfo.InvariantCulture);
    private readonly List<JsonElement> _runs = [];

    public string Name => $"Dray, {activations}";

    /// <summary>Gets what <c>bench layers</c> printed, run by run.</summary>
    public IReadOnlyList<JsonElement> Runs => _runs;

    public IReadOnlyDictionary<string, double> Measure()
    {
        var layers = Run(["bench", "layers", "--shape", "24b", "--layers", "2", "--pp", "512", "--tg", "16", "--parallel", Figure.ParallelList, "--repeat", "1", "--activations", activations, "--threads", _threads, "--json"]);
        _runs.Add(layers);
        double Rate(string key) => layers.GetProperty(key).GetDouble();
        var rates = new Dictionary<string, double>
        {
            [Figure.Prompt] = Rate("pp_tok_s"),
            [Figure.Prefill] = Rate("prefill_8192_tok_s"),
            [Figure.Decode] = Rate("tg_tok_s"),
        };
        foreach (var level in layers.GetProperty("parallel").EnumerateObject())
            rates[Figure.Decoding(int.Parse(level.Name, CultureInfo.InvariantCulture))] = level.Value.GetDouble();
        if (options.SmolLm is { } checkpoint) rates[Figure.EndToEnd] = EndToEnd(checkpoint);
        return rates;
    }

    private double EndToEnd(string checkpoint)
    {
        List<string> arguments = [
            "bench", "throughput", "--model", checkpoint, "--concurrency", "32", "--requests", "32", "--prompt-tokens", "128", "--max-tokens", "128",
            "--max-model-len", "1024", "--device", "cpu", "--threads", _threads, "--json"];
        if (activations != "bf16") arguments.AddRange(["--activations", activations]);
        return Run(arguments).GetProperty("results")[0].GetProperty("aggregate_tok_s").GetDouble();
    }

    private JsonElement Run(IEnumerable<string> arguments) => JsonElement.Parse(CommandOutput.Of(Path.Combine(repository, "dray"), arguments, repository));
}
