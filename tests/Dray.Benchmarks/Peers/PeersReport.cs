using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Dray.Benchmarks.Peers;

/// <summary>
/// Times Dray and other engines on the CPU in turn, several rounds, and writes a Markdown table of medians and ratios.
/// <c>Dray.Benchmarks peers ...</c>, from the repository's root.
/// </summary>
internal sealed class PeersReport(PeersOptions options, TextWriter progress)
{
    private readonly List<(IContender Contender, List<IReadOnlyDictionary<string, double>> Rounds)> _contenders = [];
    private readonly List<string> _leftOut = [];

    public static void Run(ReadOnlySpan<string> args)
    {
        var options = PeersOptions.Parse(args);
        var text = new PeersReport(options, Console.Error).Create(Directory.GetCurrentDirectory());
        if (options.Output is { } file) File.WriteAllText(file, text);
        else Console.Write(text);
    }

    private string Create(string repository)
    {
        var models = PeerModels.Prepare(options, repository);
        foreach (var activations in options.Activations) Add(new DrayContender(options, repository, activations));
        if (options.Llama is { } llama) Add(new LlamaContender(options, models, llama));
        if (options.Ik is { } ik)
        {
            Add(new IkContender(options, models, ik, repacks: false));
            Add(new IkContender(options, models, ik, repacks: true));
        }

        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var entry in _contenders.ToArray())
            {
                progress.WriteLine($"Round {round} of {options.Rounds}: {entry.Contender.Name}");
                try
                {
                    entry.Rounds.Add(entry.Contender.Measure());
                }
                catch (Exception exception) when (exception is InvalidOperationException or JsonException or KeyNotFoundException)
                {
                    _contenders.Remove(entry);
                    _leftOut.Add($"{entry.Contender.Name} is left out: {exception.Message.ReplaceLineEndings(" ")}");
                    progress.WriteLine(_leftOut[^1]);
                }
            }
        }

        return Write();
    }

    private void Add(IContender contender) => _contenders.Add((contender, []));

    private string Write()
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        var ours = _contenders.Where(entry => entry.Contender is DrayContender).Select(entry => (DrayContender)entry.Contender).ToArray();
        var peers = _contenders.Where(entry => entry.Contender is not DrayContender).ToArray();
        if (ours.Length == 0) return string.Join('\n', _leftOut) + "\n";
        var run = ours[0].Runs[0];
        Line($"# CPU speed beside other engines: {run.GetProperty("cpu").GetString()}, {options.Threads} threads");
        Line($"");
        Line($"From `Dray.Benchmarks peers`: tokens per second, medians of {options.Rounds} round{(options.Rounds == 1 ? "" : "s")} in which every engine has its turn.");
        Line($"Two layers of the 24B's shape with random weights, and a head of 4096: Dray in 4 bits with groups of 128 and a bf16 head, the others in Q4_0 throughout.");
        foreach (var dray in ours)
        {
            Line($"{dray.Name} activations: {dray.Runs[0].GetProperty("path").GetString()}, {Middle(dray, "weight_bytes_per_token") / 1e6:F0} MB of weights read for a token; plain reads {Middle(dray, "read_gb_s"):F1} GB/s, peak of {dray.Runs[0].GetProperty("peak_instruction").GetString()} {Middle(dray, "peak_gflops"):F0} GFLOP/s, measured in the same runs.");
        }

        Line($"The limit of a figure is what reading the weights once a step or the peak of the multiply instruction allows, whichever is less.");
        foreach (var sentence in _leftOut) Line($"{sentence}");
        Line($"");
        Line($"| tok/s |{string.Concat(ours.Select(dray => $" {dray.Name} | of its limit |"))}{string.Concat(peers.Select(peer => $" {peer.Contender.Name} |"))}{string.Concat(ours.Select(dray => $" {dray.Name} / fastest other |"))}");
        Line($"| --- |{string.Concat(Enumerable.Repeat(" ---: |", (3 * ours.Length) + peers.Length))}");
        foreach (var figure in Figure.All.Where(figure => _contenders.Any(entry => MedianOf(entry.Rounds, figure) > 0))) Row(text, figure, peers);
        return text.ToString();
    }

    private void Row(StringBuilder text, string figure, IReadOnlyList<(IContender Contender, List<IReadOnlyDictionary<string, double>> Rounds)> peers)
    {
        var ours = _contenders.Where(entry => entry.Contender is DrayContender).ToArray();
        var others = peers.Select(peer => MedianOf(peer.Rounds, figure)).ToArray();
        var fastest = others.DefaultIfEmpty(0).Max();
        text.Append(CultureInfo.InvariantCulture, $"| {figure} |");
        foreach (var (contender, rounds) in ours)
        {
            var rate = MedianOf(rounds, figure);
            text.Append(CultureInfo.InvariantCulture, $" {rate:F1} | {(LimitOf((DrayContender)contender, figure) is { } limit ? string.Create(CultureInfo.InvariantCulture, $"{100 * rate / limit:F0} %") : "")} |");
        }

        foreach (var rate in others) text.Append(CultureInfo.InvariantCulture, $" {(rate > 0 ? rate.ToString("F1", CultureInfo.InvariantCulture) : "")} |");
        foreach (var (_, rounds) in ours)
            text.Append(CultureInfo.InvariantCulture, $" {(fastest > 0 ? (MedianOf(rounds, figure) / fastest).ToString("F2", CultureInfo.InvariantCulture) : "")} |");
        text.Append('\n');
    }

    private static double? LimitOf(DrayContender dray, string figure)
    {
        var computing = Middle(dray, "peak_gflops") * 1e9 / Middle(dray, "flops_per_token");
        var reading = Middle(dray, "read_gb_s") * 1e9 / Middle(dray, "weight_bytes_per_token");
        return figure switch
        {
            Figure.Prompt or Figure.Prefill => computing,
            Figure.Decode => Math.Min(reading, computing),
            Figure.EndToEnd => null,
            _ => Figure.Parallel.Where(sequences => Figure.Decoding(sequences) == figure).Select(sequences => Math.Min(sequences * reading, computing)).Single(),
        };
    }

    private static double Middle(DrayContender dray, string key) => Median.Of(dray.Runs.Select(run => run.GetProperty(key).GetDouble()));

    private static double MedianOf(List<IReadOnlyDictionary<string, double>> rounds, string figure) =>
        rounds.Any(round => round.ContainsKey(figure)) ? Median.Of(rounds.Where(round => round.ContainsKey(figure)).Select(round => round[figure])) : 0;
}
