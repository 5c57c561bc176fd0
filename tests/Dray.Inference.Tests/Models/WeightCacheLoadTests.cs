using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Tests.Checkpoints;

namespace Dray.Inference.Tests.Models;

/// <summary>A whole model through the cache of packed weights.</summary>
public sealed class WeightCacheLoadTests : IDisposable
{
    private static readonly SyntheticShape Shape = new()
    {
        Hidden = 64, Layers = 2, Heads = 2, KvHeads = 1, HeadDim = 32, Intermediate = 96, Vocabulary = 100, ContextLength = 256, GroupSize = 32,
    };

    private readonly TemporaryFolder _folder = new();

    private string Model => Path.Combine(_folder.Path, "model");

    private string Cache => Path.Combine(_folder.Path, "cache");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_Again_TakesTheCacheAndComputesTheSame()
    {
        SyntheticCheckpoint.Write(Model, Shape);
        var packed = Embedding(null);
        Embedding(Cache).ShouldBe(packed);
        var file = Directory.GetFiles(Cache).ShouldHaveSingleItem();
        var written = File.GetLastWriteTimeUtc(file);
        Embedding(Cache).ShouldBe(packed);
        Directory.GetFiles(Cache).ShouldBe([file]);
        File.GetLastWriteTimeUtc(file).ShouldBe(written);
    }

    [Fact]
    public void Fingerprint_FileWrittenAgain_IsAnother()
    {
        SyntheticCheckpoint.Write(Model, Shape);
        var (digest, fingerprint) = Identify();
        Identify().ShouldBe((digest, fingerprint));
        var weights = Directory.GetFiles(Model, "*.safetensors").Single();
        File.SetLastWriteTimeUtc(weights, File.GetLastWriteTimeUtc(weights).AddSeconds(1));
        Identify().Digest.ShouldBe(digest);
        Identify().Fingerprint.ShouldNotBe(fingerprint);
    }

    private (string Digest, string Fingerprint) Identify()
    {
        using var checkpoint = Checkpoint.Open(Model);
        return (checkpoint.Digest, checkpoint.Fingerprint);
    }

    /// <summary>Loads the model and takes two tokens through its embedding and head.</summary>
    private float[] Embedding(string? cache)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2, WeightCache = cache });
        using var checkpoint = Checkpoint.Open(Model);
        using var model = Mistral3.Load(backend, checkpoint);
        var logits = new float[2 * Shape.Vocabulary];
        backend.Download(model.Decoder.Logits(model.Decoder.Embed([3, 99]), [0, 1]), logits);
        return logits;
    }
}
