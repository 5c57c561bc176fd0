using System.Globalization;
using Dray.Inference.Compute.Cpu;

namespace Dray.Benchmarks.Peers;

/// <summary>What to compare with, and how often.</summary>
internal sealed record PeersOptions
{
    /// <summary>Gets how the verb is used.</summary>
    public const string Usage =
        "peers [--llama FOLDER] [--ik BUILD/bin] [--smollm CHECKPOINT] [--activations bf16,int8] [--rounds N] [--threads N] [--shared FOLDER] [--work FOLDER] [--output FILE.md]";

    /// <summary>Gets a folder with node-llama-cpp, which is installed there if it lacks; null leaves llama.cpp out.</summary>
    public string? Llama { get; init; }

    /// <summary>Gets the folder of ik_llama.cpp's llama-bench and llama-batched-bench; null leaves it out.</summary>
    public string? Ik { get; init; }

    /// <summary>Gets smollm2-135m in W4A16, as its folder's prepare.py writes it; null leaves the end-to-end figure out.</summary>
    public string? SmolLm { get; init; }

    /// <summary>Gets the kinds of activations that Dray runs with.</summary>
    public IReadOnlyList<string> Activations { get; init; } = ["bf16", "int8"];

    /// <summary>Gets how often each contender has its turn, in which it warms up and measures each figure once.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Gets the threads of every contender.</summary>
    public int Threads { get; init; } = PhysicalCores.Count();

    /// <summary>Gets the folder with tools and models; the default is $DRAY_SHARED, then <c>../shared</c>.</summary>
    public string Shared { get; init; } = Environment.GetEnvironmentVariable("DRAY_SHARED") is { Length: > 0 } named ? named : Path.Combine("..", "shared");

    /// <summary>Gets where the models are written that the peers load; what is there already is used again.</summary>
    public string Work { get; init; } = Path.Combine(Path.GetTempPath(), "dray-peers");

    /// <summary>Gets the report's file; null prints it.</summary>
    public string? Output { get; init; }

    /// <exception cref="ArgumentException">An argument isn't known.</exception>
    public static PeersOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new PeersOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{args[i]} lacks its value: {Usage}.");
            options = args[i] switch
            {
                "--llama" => options with { Llama = Path.GetFullPath(value) },
                "--ik" => options with { Ik = Path.GetFullPath(value) },
                "--smollm" => options with { SmolLm = Path.GetFullPath(value) },
                "--activations" => options with { Activations = value.Split(',') },
                "--rounds" => options with { Rounds = int.Parse(value, CultureInfo.InvariantCulture) },
                "--threads" => options with { Threads = int.Parse(value, CultureInfo.InvariantCulture) },
                "--shared" => options with { Shared = value },
                "--work" => options with { Work = value },
                "--output" => options with { Output = value },
                var other => throw new ArgumentException($"{other} is not an argument here: {Usage}."),
            };
        }

        return options with { Shared = Path.GetFullPath(options.Shared), Work = Path.GetFullPath(options.Work) };
    }
}
