using System.Globalization;
using System.Text.Json;

namespace Dray.Benchmarks.Peers;

/// <summary>llama.cpp as npm's node-llama-cpp has it, prebuilt for each kind of processor, timed by the shared peer-bench.mjs.</summary>
internal sealed class LlamaContender : IContender
{
    private const string Package = "node-llama-cpp@3.22.1";

    private readonly PeersOptions _options;
    private readonly PeerModels _models;
    private readonly string _folder;

    /// <summary>Installs the package where it lacks.</summary>
    public LlamaContender(PeersOptions options, PeerModels models, string folder)
    {
        (_options, _models, _folder) = (options, models, folder);
        Directory.CreateDirectory(folder);
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "node-llama-cpp"))) CommandOutput.Of("npm", ["install", "--no-audit", "--no-fund", Package], folder);
    }

    public string Name => "llama.cpp";

    public IReadOnlyDictionary<string, double> Measure()
    {
        var layers = Run(_models.Layers, 512, 16, Figure.ParallelList);
        var prompt = layers.GetProperty("pp_tok_s").GetDouble();
        var rates = new Dictionary<string, double>
        {
            [Figure.Prompt] = prompt,
            [Figure.Decode] = layers.GetProperty("tg_tok_s").GetDouble(),
            [Figure.Decoding(1)] = layers.GetProperty("tg_tok_s").GetDouble(),

            // Many prompts take batches of 512 tokens or of 2048, whichever the engine is faster with.
            [Figure.Prefill] = Math.Max(prompt, Run(_models.Layers, 2048, 1, "1").GetProperty("pp_tok_s").GetDouble()),
        };
        foreach (var level in layers.GetProperty("parallel").EnumerateObject())
            rates[Figure.Decoding(int.Parse(level.Name, CultureInfo.InvariantCulture))] = level.Value.GetDouble();
        if (_models.SmolLm is { } model) rates[Figure.EndToEnd] = EndToEnd(model);
        return rates;
    }

    // The time of 32 prompts of 128 tokens, 4 in a batch, and that of decoding 32 sequences together.
    private double EndToEnd(string model)
    {
        var run = Run(model, 512, 128, "32");
        return 1 / ((1 / run.GetProperty("pp_tok_s").GetDouble()) + (1 / run.GetProperty("parallel").GetProperty("32").GetDouble()));
    }

    private JsonElement Run(string model, int prompt, int decode, string parallel)
    {
        string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        return JsonElement.Parse(CommandOutput.Of(
            "node",
            [
                Path.Combine(_options.Shared, "tools", "peer-bench.mjs"), model, "--pp", Text(prompt), "--tg", Text(decode), "--parallel", parallel,
                "--threads", Text(_options.Threads), "--repeat", "1",
            ],
            _folder));
    }
}
