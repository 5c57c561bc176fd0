using BenchmarkDotNet.Attributes;
using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Benchmarks.Checkpoints;

/// <summary>Unpacking one of the 24B's matrices strip by strip, as a backend does while it packs: one call reads all 32768 × 5120 codes.</summary>
[ShortRunJob]
public class StripReadBenchmark
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"dray-strip-{Environment.ProcessId}");
    private Checkpoint _checkpoint = null!;
    private QuantizedLinear _linear = null!;
    private DenseLinear _head = null!;
    private byte[] _codes = [];
    private float[] _rows = [];

    /// <summary>Gets or sets the outputs of a strip.</summary>
    [Params(16, 64, 256)]
    public int Strip { get; set; }

    /// <summary>Gets or sets the matrix.</summary>
    [Params("gate_proj", "down_proj")]
    public string Matrix { get; set; } = "";

    [GlobalSetup]
    public void Open()
    {
        SyntheticCheckpoint.Write(_folder, SyntheticShape.Mistral24B with { Layers = 1, Vocabulary = 16384 });
        _checkpoint = Checkpoint.Open(_folder);
        _linear = (QuantizedLinear)_checkpoint.Linear("language_model.model.layers.0.mlp." + Matrix);
        _head = (DenseLinear)_checkpoint.Linear("language_model.lm_head");
        _codes = new byte[Strip * _linear.Inputs];
        _rows = new float[Strip * _linear.Inputs];
    }

    [GlobalCleanup]
    public void Close()
    {
        _checkpoint.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public void ReadCodes()
    {
        for (var first = 0; first < _linear.Outputs; first += Strip)
            _linear.ReadCodes(first, Math.Min(Strip, _linear.Outputs - first), _codes);
    }

    [Benchmark]
    public void ReadRows()
    {
        for (var first = 0; first < _linear.Outputs; first += Strip)
            _linear.ReadRows(first, Math.Min(Strip, _linear.Outputs - first), _rows);
    }

    /// <summary>16384 × 5120 bf16 values, half as many.</summary>
    [Benchmark]
    public void ReadDenseRows()
    {
        for (var first = 0; first < _head.Outputs; first += Strip)
            _head.ReadRows(first, Strip, _rows);
    }
}
