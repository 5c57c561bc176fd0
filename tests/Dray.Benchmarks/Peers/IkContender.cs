using System.Globalization;
using System.Text.Json;

namespace Dray.Benchmarks.Peers;

/// <summary>ik_llama.cpp's own benchmarks, with its weights as they are in the file or repacked at start.</summary>
internal sealed class IkContender(PeersOptions options, PeerModels models, string folder, bool repacks) : IContender
{
    private readonly string _threads = options.Threads.ToString(CultureInfo.InvariantCulture);

    public string Name => repacks ? "ik_llama.cpp, -rtr" : "ik_llama.cpp";

    public IReadOnlyDictionary<string, double> Measure()
    {
        var rates = new Dictionary<string, double>();
        foreach (var (test, rate) in Bench(models.Layers, "512", "16")) rates[test] = rate;

        // Many prompts take batches of 512 tokens or of 2048, whichever the engine is faster with.
        rates[Figure.Prefill] = Math.Max(rates[Figure.Prompt], Bench(models.Layers, "2048", "0").Single().Rate);
        foreach (var row in Batched(models.Layers, "8", "16", Figure.ParallelList, "512", "1024"))
            rates[Figure.Decoding(row.Sequences)] = row.DecodeRate;
        if (models.SmolLm is { } model) rates[Figure.EndToEnd] = EndToEnd(model);
        return rates;
    }

    // The time of 32 prompts of 128 tokens, together or alone, and that of decoding 32 sequences together.
    private double EndToEnd(string model)
    {
        var row = Batched(model, "128", "128", "32", "512", "8192").Single();
        return 1 / ((1 / Math.Max(row.PromptRate, Bench(model, "128", "0").Single().Rate)) + (1 / row.DecodeRate));
    }

    private List<(string Test, double Rate)> Bench(string model, string prompt, string decode)
    {
        var output = CommandOutput.Of(
            Path.Combine(folder, "llama-bench"),
            ["-m", model, "-p", prompt, "-n", decode, "-b", "2048", "-ub", "2048", "-r", "1", "-t", _threads, "-rtr", repacks ? "1" : "0", "-o", "json"],
            folder);
        return [.. JsonElement.Parse(output).EnumerateArray().Select(test =>
            (test.GetProperty("test").GetString()!, test.GetProperty("avg_ts").GetDouble()))];
    }

    private List<Row> Batched(string model, string prompt, string decode, string sequences, string unit, string context)
    {
        List<string> arguments = ["-m", model, "-t", _threads, "-npp", prompt, "-ntg", decode, "-npl", sequences, "-b", "8192", "-ub", unit, "-c", context];
        if (repacks) arguments.Add("-rtr");
        var output = CommandOutput.Of(Path.Combine(folder, "llama-batched-bench"), arguments, folder, withErrors: true);
        return [.. output.Split('\n').Select(Row.Read).OfType<Row>()];
    }

    /// <summary>A line of llama-batched-bench's table: | PP | TG | B | N_KV | T_PP s | S_PP t/s | T_TG s | S_TG t/s | T s | S t/s |.</summary>
    private sealed record Row(int Sequences, double PromptRate, double DecodeRate)
    {
        public static Row? Read(string line)
        {
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length < 12) return null;
            var numbers = new double[10];
            for (var i = 0; i < numbers.Length; i++)
            {
                if (!double.TryParse(cells[i + 1], CultureInfo.InvariantCulture, out numbers[i])) return null;
            }

            return new Row((int)numbers[2], numbers[5], numbers[7]);
        }
    }
}
