namespace Dray.Benchmarks.Peers;

/// <summary>The models that the peers load, as GGUF: written once, by Python, into a folder.</summary>
/// <param name="Layers">Two layers of the 24B's shape, random weights in Q4_0.</param>
/// <param name="SmolLm">smollm2-135m, layers in Q4_1 and embedding in Q8_0; null if it isn't asked for.</param>
internal sealed record PeerModels(string Layers, string? SmolLm)
{
    /// <summary>Writes those that lack.</summary>
    public static PeerModels Prepare(PeersOptions options, string repository)
    {
        Directory.CreateDirectory(options.Work);
        var layers = Path.Combine(options.Work, "layers.gguf");
        var smolLm = Path.Combine(options.Work, "smollm2-135m.gguf");
        Write(layers, Path.Combine(options.Shared, "tools", "random-gguf.py"));
        if (options.SmolLm is null) return new PeerModels(layers, null);
        Write(
            smolLm,
            Path.Combine(repository, "tests", "Dray.Benchmarks", "Peers", "smollm2_gguf.py"),
            Path.Combine(options.Shared, "models", "smollm2-135m"));
        return new PeerModels(layers, smolLm);
    }

    private static void Write(string file, string script, params string[] arguments)
    {
        if (File.Exists(file)) return;
        var unfinished = file + ".part";
        CommandOutput.Of("python3", [script, .. arguments, unfinished], Path.GetDirectoryName(file)!);
        File.Move(unfinished, file);
    }
}
