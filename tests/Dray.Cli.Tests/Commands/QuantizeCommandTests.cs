using System.Text.Json;
using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Cli.Tests.Commands;

public sealed class QuantizeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyCheckpoint _source = TinyCheckpoint.Text(layers: 2);

    public QuantizeCommandTests() => _source.Write();

    private string Output => _folder["out"];

    public void Dispose()
    {
        _source.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Quantize_RoundingToNearest_WritesACheckpointAndSaysWhatBecameOfIt()
    {
        var run = await Quantize("--recipe", "rtn", "--group-size", "32");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("14 layers quantized");
        run.Error.ShouldContain("Writing the checkpoint");
        using var checkpoint = Checkpoint.Open(Output);
        checkpoint.Config.Quantization!.Default.ShouldBe(new LayerScheme(4, 32, true));
    }

    [Fact]
    public async Task Quantize_EveryOption_OverridesTheRecipe()
    {
        var run = await Quantize(
            "--recipe", "seed", "--scheme", "W2A16G32", "--bits", "3", "--asym", "--iters", "0", "--layer", "mlp.down_proj:bits=8", "--layer", "layers.1.:group_size=64",
            "--ignore-layers", "k_proj, v_proj", "--nsamples", "7", "--seqlen", "33", "--batch-size", "3", "--lr", "0.01", "--minmax-lr", "0.02", "--dataset", "a.jsonl",
            "--seed", "5", "--format", "auto_round", "--max-shard-size", "0.01MB", "--threads", "1", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var report = JsonElement.Parse(run.Output);
        var options = report.GetProperty("options");
        options.GetProperty("scheme").ToString().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal).ShouldBe("""{"bits":3,"group_size":32,"is_symmetric":false}""");
        options.GetProperty("recipe").GetString().ShouldBe("seed");
        (string Name, double Value)[] numbers =
        [
            ("iterations", 0), ("samples", 7), ("sequence_length", 33), ("batch_size", 3), ("learning_rate", 0.01), ("range_learning_rate", 0.02), ("seed", 5), ("max_shard_bytes", 10_000),
        ];
        foreach (var (name, value) in numbers) options.GetProperty(name).GetDouble().ShouldBe(value, name);
        options.GetProperty("ignored_layers").EnumerateArray().Select(pattern => pattern.GetString()).ShouldBe(["k_proj", "v_proj"]);
        report.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("bits").GetInt32()).ShouldContain(8);
        using var checkpoint = Checkpoint.Open(Output);
        checkpoint.Linear("language_model.model.layers.1.mlp.up_proj").ShouldBeAssignableTo<QuantizedLinear>()!.GroupSize.ShouldBe(64);
    }

    [Fact]
    public async Task Quantize_OutputIsThere_IsAUsageErrorUnlessForced()
    {
        (await Quantize("--recipe", "rtn")).ExitCode.ShouldBe(0);

        var refused = await Quantize("--recipe", "rtn");
        var forced = await Quantize("--recipe", "rtn", "--force");

        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldContain("add --force to replace it");
        forced.ExitCode.ShouldBe(0, forced.Error);
    }

    [Theory]
    [InlineData(2, "The recipe is 'fast'", "--recipe", "fast")]
    [InlineData(2, "The scheme is 'MXFP4'", "--recipe", "rtn", "--scheme", "MXFP4")]
    [InlineData(2, "bits of the checkpoint are 5", "--recipe", "rtn", "--bits", "5")]
    [InlineData(2, "--format is 'gguf'", "--recipe", "rtn", "--format", "gguf")]
    [InlineData(2, "--max-shard-size is '5'", "--recipe", "rtn", "--max-shard-size", "5")]
    [InlineData(2, "such as 'mlp.down_proj:bits=8", "--recipe", "rtn", "--layer", "down")]
    [InlineData(2, "matches none of the layers", "--recipe", "rtn", "--layer", "w2:bits=8")]
    [InlineData(2, "--iters", "--iters", "many")]
    public async Task Quantize_WrongOption_SaysWhatIsWrong(int exitCode, string message, params string[] options)
    {
        var run = await Quantize(options);

        run.ExitCode.ShouldBe(exitCode);
        run.Error.ShouldContain(message);
        Directory.Exists(Output).ShouldBeFalse();
        Directory.Exists(Output + ".partial").ShouldBeFalse();
    }

    [Fact]
    public async Task Quantize_SourceThatIsNone_IsRefusedAsInput()
    {
        var run = await CommandRun.Of("quantize", _folder["nothing"], "--output", Output, "--recipe", "rtn");

        run.ExitCode.ShouldBe(3);
        run.Error.ShouldContain("the checkpoint's folder does not exist");
    }

    [Fact]
    public async Task Quantize_Resume_WithNothingToResume_Starts()
    {
        var run = await Quantize("--recipe", "rtn", "--resume");

        run.ExitCode.ShouldBe(0, run.Error);
    }

    private Task<CommandRun> Quantize(params string[] options) => CommandRun.Of(["quantize", _source.Folder, "--output", Output, .. options]);
}
