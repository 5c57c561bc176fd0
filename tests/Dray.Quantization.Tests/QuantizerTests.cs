using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;
using Dray.Quantization.Rounding;
using Dray.Tests.Checkpoints;

namespace Dray.Quantization.Tests;

public sealed class QuantizerTests : IDisposable
{
    private const string Down = "language_model.model.layers.0.mlp.down_proj";

    private readonly TemporaryFolder _folder = new();

    private string Output => _folder["out"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(8, true)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(8, false)]
    public void Run_EveryWidth_ReadsBackWithinAStepOfTheSource(int bits, bool symmetric)
    {
        using var tiny = TinyCheckpoint.Text();

        QuantizerRun.Of(tiny.Write(), Output, QuantizerRun.Options with { Scheme = new WeightScheme(bits, 32, symmetric) });

        using var source = Checkpoint.Open(tiny.Folder);
        using var quantized = Checkpoint.Open(Output);
        quantized.Config.Quantization!.PackingName.ShouldBe(symmetric ? "auto_round:auto_gptq" : "auto_round");
        var (expected, found) = (QuantizerRun.Rows(source, Down), QuantizerRun.Rows(quantized, Down));

        // Weights are from -0.5 to 0.5. A grid may lack a code at one end, by its symmetry or by the rounding of its zero point.
        var step = 1f / ((1 << bits) - 1);
        for (var i = 0; i < expected.Length; i++) found[i].ShouldBe(expected[i], step * 1.2);
        found.ShouldNotBe(expected);
    }

    [Fact]
    public void Run_PictureModel_KeepsEverythingButTheDecodersLayersByteForByte()
    {
        using var tiny = TinyCheckpoint.Multimodal();

        var report = QuantizerRun.Of(tiny.Write(), Output);

        using var source = Checkpoint.Open(tiny.Folder);
        using var quantized = Checkpoint.Open(Output);
        var tensors = quantized.Tensors.ToDictionary(tensor => tensor.Name);
        tensors.Keys.Count(name => name.EndsWith(".qweight", StringComparison.Ordinal)).ShouldBe(7);
        var kept = source.Tensors.Where(tensor => !tensor.Name.Contains("_proj.weight", StringComparison.Ordinal) || tensor.Name.StartsWith("vision", StringComparison.Ordinal)).ToList();
        kept.Count.ShouldBe(source.Tensors.Count - 7);
        foreach (var tensor in kept) QuantizerRun.Bytes(tensors[tensor.Name]).ShouldBe(QuantizerRun.Bytes(tensor), tensor.Name);
        (report.BytesBefore, report.BytesAfter).ShouldBe((source.Tensors.Sum(tensor => tensor.Length), quantized.Tensors.Sum(tensor => tensor.Length)));
        tensors.Count.ShouldBe(kept.Count + 21);
    }

    [Theory]
    [InlineData("model.", "lm_head", "model.layers")]
    [InlineData("language_model.model.", "language_model.lm_head", "language_model.model.layers")]
    [InlineData("model.language_model.", "lm_head", "model.language_model.layers")]
    public void Run_AnyNamesOfTensors_KeepsThem(string prefix, string head, string blocks)
    {
        using var tiny = TinyCheckpoint.Text(prefix: prefix, head: head);

        QuantizerRun.Of(tiny.Write(), Output, QuantizerRun.Options with { IgnoredLayers = ["k_proj"] });

        var config = JsonNode.Parse(File.ReadAllText(_folder["out", "config.json"]))!["quantization_config"]!;
        config["block_name_to_quantize"]!.GetValue<string>().ShouldBe(blocks);
        config["extra_config"]![$"{blocks}.0.self_attn.k_proj"].ShouldNotBeNull();
        using var quantized = Checkpoint.Open(Output);
        quantized.Tensors.ShouldContain(tensor => tensor.Name == $"{blocks}.0.mlp.down_proj.qzeros");
        quantized.Linear("language_model.model.layers.0.self_attn.k_proj").ShouldBeAssignableTo<DenseLinear>();
    }

    [Fact]
    public void Run_RulesAndHead_AreWrittenAsUpstreamWritesThemAndReadBack()
    {
        using var tiny = TinyCheckpoint.Text(layers: 11);
        tiny.Config["vocab_size"] = 64;
        tiny.AddDense("model.embed_tokens.weight", 64, 64);
        tiny.AddDense("lm_head.weight", 64, 64);
        var options = QuantizerRun.Options with
        {
            Rules = [LayerRule.Parse("mlp.down_proj:bits=8"), LayerRule.Parse("layers.0.mlp.down_proj:bits=2,group_size=-1"), LayerRule.Parse("lm_head:bits=8")],
            IgnoredLayers = ["layers.1"],
            QuantizesHead = true,
        };

        QuantizerRun.Of(tiny.Write(), Output, options);

        var extra = JsonNode.Parse(File.ReadAllText(_folder["out", "quantization_config.json"]))!["extra_config"]!.AsObject();
        extra["model.layers.0.mlp.down_proj"]!.ToJsonString().ShouldBe("""{"bits":2,"group_size":-1}""");
        extra["model.layers.1.mlp.down_proj"]!.ToJsonString().ShouldBe("""{"bits":16,"data_type":"float"}""");
        extra["model.layers.10.mlp.down_proj"]!.ToJsonString().ShouldBe("""{"bits":8}""");
        extra["lm_head"]!.ToJsonString().ShouldBe("""{"bits":8,"group_size":32,"sym":true,"data_type":"int","act_bits":16}""");
        extra[@".*mlp\.down_proj.*"]!.ToJsonString().ShouldBe("""{"bits":8}""");
        extra[@".*layers\.1\..*"]!.ToJsonString().ShouldBe("""{"bits":16,"data_type":"float"}""");
        extra.ContainsKey("model.layers.10.mlp.up_proj").ShouldBeFalse();
        using var quantized = Checkpoint.Open(Output);
        BitsOf(quantized, "layers.0.mlp.down_proj").ShouldBe((2, 96));
        BitsOf(quantized, "layers.10.mlp.down_proj").ShouldBe((8, 32));
        BitsOf(quantized, "layers.10.mlp.up_proj").ShouldBe((4, 32));
        quantized.Linear("language_model.model.layers.1.mlp.up_proj").ShouldBeAssignableTo<DenseLinear>();
        quantized.Linear("language_model.lm_head").ShouldBeAssignableTo<QuantizedLinear>()!.Bits.ShouldBe(8);
    }

    [Fact]
    public void Run_LayersThatFillNoWords_StayInSixteenBitsWithAWarning()
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.Config["intermediate_size"] = 80;
        tiny.AddDense("model.layers.0.mlp.gate_proj.weight", 80, 64);
        tiny.AddDense("model.layers.0.mlp.up_proj.weight", 80, 64);
        tiny.AddDense("model.layers.0.mlp.down_proj.weight", 64, 80);

        var report = QuantizerRun.Of(tiny.Write(), Output);

        report.Warnings.ShouldHaveSingleItem().ShouldContain("3 layers stay in 16 bits, because their sizes are no multiples of 32; the first is model.layers.0.mlp.gate_proj (80 by 64)");
        using var quantized = Checkpoint.Open(Output);
        quantized.Linear(Down).ShouldBeAssignableTo<DenseLinear>();
        quantized.Config.Quantization!.Overrides.Count.ShouldBe(3);
    }

    [Fact]
    public void Run_SmallShards_IndexListsEveryTensorAndFilesAreCarriedOver()
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.Write();
        foreach (var name in (string[])["tekken.json", "params.json", "processor_config.json", "chat_template.jinja", "LICENSE.txt", "README.md", "pytorch_model.bin"])
            File.WriteAllText(Path.Combine(tiny.Folder, name), name);

        QuantizerRun.Of(tiny.Folder, Output, QuantizerRun.Options with { MaxShardBytes = 6000 });

        Directory.EnumerateFiles(Output, "model-*-of-*.safetensors").Count().ShouldBeGreaterThan(3);
        foreach (var name in (string[])["tekken.json", "params.json", "processor_config.json", "chat_template.jinja", "LICENSE.txt"])
            File.ReadAllText(Path.Combine(Output, name)).ShouldBe(name);
        File.Exists(Path.Combine(Output, "pytorch_model.bin")).ShouldBeFalse();
        File.ReadAllText(Path.Combine(Output, "README.md")).ShouldContain("## Layers");
        var index = JsonNode.Parse(File.ReadAllText(Path.Combine(Output, "model.safetensors.index.json")))!;
        using var quantized = Checkpoint.Open(Output);
        index["weight_map"]!.AsObject().Count.ShouldBe(quantized.Tensors.Count);
        index["metadata"]!["total_size"]!.GetValue<long>().ShouldBe(quantized.Tensors.Sum(tensor => tensor.Length));
        Directory.Exists(Output + ".partial").ShouldBeFalse();
    }

    [Fact]
    public void Run_SourcesConfig_IsCarriedOverUntouchedAndInOrder()
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.Write();
        var text = File.ReadAllText(Path.Combine(tiny.Folder, "config.json")).Replace("\"rms_norm_eps\":1E-05", "\"rms_norm_eps\":1.00e-5,\"remark\":\"Größe <|x|>\"", StringComparison.Ordinal);
        text.ShouldContain("1.00e-5");
        File.WriteAllText(Path.Combine(tiny.Folder, "config.json"), text);

        QuantizerRun.Of(tiny.Folder, Output);

        var written = File.ReadAllText(Path.Combine(Output, "config.json"));
        written.ShouldContain("\"rms_norm_eps\": 1.00e-5,\n  \"remark\": \"Größe <|x|>\"");
        var config = JsonNode.Parse(written)!.AsObject();
        config.Select(entry => entry.Key).ShouldBe([.. JsonNode.Parse(text)!.AsObject().Select(entry => entry.Key), "quantization_config"]);
    }

    [Fact]
    public void Run_QuantizedSource_IsRefused()
    {
        using var tiny = TinyCheckpoint.Text();
        QuantizerRun.Of(tiny.Write(), Output);

        Should.Throw<CheckpointException>(() => QuantizerRun.Of(Output, _folder["again"])).Message.ShouldContain("is quantized already (auto-round, 4 bits)");
        Directory.Exists(_folder["again.partial"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0x7FC0, "NaN")]
    [InlineData(0x7F80, "Infinity")]
    [InlineData(0x4780, "65536")]
    public void Run_WeightThatIsNoNumber_NamesLayerAndPlace(int bits, string shown)
    {
        using var tiny = TinyCheckpoint.Text();
        var bytes = new byte[96 * 64 * 2];
        BitConverter.TryWriteBytes(bytes.AsSpan(((5 * 64) + 7) * 2), (ushort)bits);
        tiny.Tensors["model.layers.0.mlp.up_proj.weight"] = SafetensorsEntry.Of("model.layers.0.mlp.up_proj.weight", "BF16", [96, 64], bytes);

        Should.Throw<CheckpointException>(() => QuantizerRun.Of(tiny.Write(), Output)).Message
            .ShouldContain($"weight [5, 7] of model.layers.0.mlp.up_proj is {shown}, which can't be quantized");
        Directory.Exists(Output + ".partial").ShouldBeFalse();
    }

    [Fact]
    public void Run_TiedHead_IsRefused()
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.Config["tie_word_embeddings"] = true;

        Should.Throw<ArgumentException>(() => QuantizerRun.Of(tiny.Write(), Output, QuantizerRun.Options with { QuantizesHead = true })).Message
            .ShouldContain("is the embedding table");
    }

    [Fact]
    public void Run_PatternThatMatchesNothing_ShowsANameOfALayer()
    {
        using var tiny = TinyCheckpoint.Text();

        Should.Throw<ArgumentException>(() => QuantizerRun.Of(tiny.Write(), Output, QuantizerRun.Options with { IgnoredLayers = ["mlp.gate"], Rules = [LayerRule.Parse("mlp.w2:bits=8")] }))
            .Message.ShouldBe("The layer pattern 'mlp.w2' matches none of the layers that are quantized; their names are like model.layers.0.mlp.down_proj.");
    }

    [Fact]
    public void Run_NothingLeftToQuantize_IsRefused()
    {
        using var tiny = TinyCheckpoint.Text();

        Should.Throw<CheckpointException>(() => QuantizerRun.Of(tiny.Write(), Output, QuantizerRun.Options with { IgnoredLayers = ["layers"] })).Message
            .ShouldContain("no layer can be quantized: the patterns leave all of them as they are");
    }

    [Theory]
    [InlineData("")]
    [InlineData("inside")]
    public void Run_OutputInTheSource_IsRefused(string within)
    {
        using var tiny = TinyCheckpoint.Text();
        var output = Path.Combine(tiny.Write(), within);

        var refusal = Should.Throw<QuantizationException>(() => QuantizerRun.Of(tiny.Folder, output, overwrites: true));

        refusal.Problem.ShouldBe(QuantizationProblem.OutputRefused);
        refusal.Message.ShouldContain("one is inside of the other");
    }

    private static (int Bits, int GroupSize) BitsOf(Checkpoint checkpoint, string layer)
    {
        var linear = checkpoint.Linear("language_model.model." + layer).ShouldBeAssignableTo<QuantizedLinear>()!;
        return (linear.Bits, linear.GroupSize);
    }
}
