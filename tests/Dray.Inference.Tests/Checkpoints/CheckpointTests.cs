using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

public sealed class CheckpointTests
{
    private const string Down = "language_model.model.layers.0.mlp.down_proj";

    [Theory]
    [InlineData("language_model.model.", "language_model.lm_head", "")]
    [InlineData("model.language_model.", "lm_head", "model.")]
    public void Linear_EitherNamespace_FindsEveryModule(string decoder, string head, string rest)
    {
        using var tiny = TinyCheckpoint.Multimodal();
        tiny.Rename(name => name.StartsWith("language_model.model.", StringComparison.Ordinal)
            ? decoder + name["language_model.model.".Length..]
            : name.StartsWith("language_model.lm_head", StringComparison.Ordinal) ? head + name["language_model.lm_head".Length..] : rest + name);
        using var checkpoint = Checkpoint.Open(tiny.Write());

        foreach (var (module, (outputs, inputs)) in checkpoint.Matrices)
        {
            var linear = checkpoint.Linear(module).ShouldBeAssignableTo<DenseLinear>()!;
            (linear.Name, linear.Outputs, linear.Inputs, linear.DataType).ShouldBe((module, outputs, inputs, DataType.BFloat16));
        }

        foreach (var (module, length) in ModuleShapes.GainsOf(checkpoint.Config))
            checkpoint.Vector(module, length).Length.ShouldBe(length);
        checkpoint.UnreadTensors.ShouldBeEmpty();
        checkpoint.Has("vision_tower.patch_conv.weight").ShouldBeTrue();
        checkpoint.Has("vision_tower.patch_conv.bias").ShouldBeFalse();
    }

    [Theory]
    [InlineData("MistralForCausalLM")]
    [InlineData("LlamaForCausalLM")]
    public void Linear_TextModel_ReadsWhatWasStored(string architecture)
    {
        using var tiny = TinyCheckpoint.Text(architecture);
        var stored = Bytes(tiny.Tensors["model.layers.0.mlp.down_proj.weight"]);
        using var checkpoint = Checkpoint.Open(tiny.Write());

        var linear = (DenseLinear)checkpoint.Linear(Down);
        var raw = new byte[2 * 96 * 2];
        linear.ReadRaw(3, 2, raw);
        raw.ShouldBe(stored[(3 * 96 * 2)..(5 * 96 * 2)]);
        var rows = new float[2 * 96];
        linear.ReadRows(3, 2, rows);
        rows.ShouldBe(MemoryMarshal.Cast<byte, ushort>(raw).ToArray().Select(code => BitConverter.UInt32BitsToSingle((uint)code << 16)));
        Should.Throw<ArgumentOutOfRangeException>(() => linear.ReadRaw(63, 2, raw));
        Should.Throw<ArgumentOutOfRangeException>(() => linear.ReadRows(-1, 2, rows));
    }

    [Fact]
    public void Linear_TiedHead_IsTheEmbedding()
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.Config["tie_word_embeddings"] = true;
        tiny.Tensors.Remove("lm_head.weight");
        using var checkpoint = Checkpoint.Open(tiny.Write());
        var (head, embedding) = (new float[40 * 64], new float[40 * 64]);
        checkpoint.Linear("language_model.lm_head").ReadRows(0, 40, head);
        checkpoint.Embedding("language_model.model.embed_tokens").ReadRows(0, 40, embedding);
        head.ShouldBe(embedding);
    }

    [Fact]
    public void Linear_MixedLayers_FollowExtraConfig()
    {
        using var tiny = TinyCheckpoint.Text();
        var random = new Random(3);
        var layers = new Dictionary<string, PackedLayer>
        {
            ["layers.0.mlp.down_proj"] = new(random, 64, 96, 8, 32, symmetric: true),
            ["layers.0.mlp.up_proj"] = new(random, 96, 64, 4, 64, symmetric: true),
            ["layers.0.mlp.gate_proj"] = new(random, 96, 64, 2, 64, symmetric: true),
        };
        foreach (var (name, layer) in layers)
            tiny.Pack("model." + name, layer.Gptq("model." + name, 1));
        tiny.Config["quantization_config"] = JsonNode.Parse(
            """
            {"quant_method":"auto-round","packing_format":"auto_round:auto_gptq","bits":4,"group_size":-1,"extra_config":{
            "model.layers.0.mlp.down_proj":{"bits":8,"group_size":32},".*gate_proj.*":{"bits":2},".*self_attn.*":{"bits":16,"data_type":"fp"}}}
            """);
        using var checkpoint = Checkpoint.Open(tiny.Write());

        foreach (var (name, layer) in layers)
        {
            var linear = checkpoint.Linear("language_model.model." + name).ShouldBeAssignableTo<QuantizedLinear>()!;
            var rows = new float[layer.Weights.Length];
            linear.ReadRows(0, linear.Outputs, rows);
            rows.ShouldBe(layer.Weights, name);
        }

        checkpoint.Linear("language_model.model.layers.0.self_attn.q_proj").ShouldBeAssignableTo<DenseLinear>();
    }

    [Fact]
    public void Linear_AwqCheckpoint_ReadsInterleavedColumns()
    {
        using var tiny = Packed("""{"quant_method":"awq","bits":4,"group_size":32,"zero_point":true}""", out var layer, isAwq: true);
        using var checkpoint = Checkpoint.Open(tiny.Write());
        var rows = new float[layer.Weights.Length];
        checkpoint.Linear(Down).ReadRows(0, 64, rows);
        rows.ShouldBe(layer.Weights);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Linear_GptqOrderOfInputs_IsTakenOnlyIfPlain(bool shuffled)
    {
        using var tiny = Packed("""{"quant_method":"gptq","bits":4,"group_size":32,"desc_act":false}""", out _);
        var order = Enumerable.Range(0, 96).Select(k => shuffled && k == 40 ? 2 : k / 32).ToArray();
        tiny.Tensors["model.layers.0.mlp.down_proj.g_idx"] = SafetensorsEntry.Of(
            "model.layers.0.mlp.down_proj.g_idx", "I32", [96], MemoryMarshal.AsBytes<int>(order).ToArray());
        using var checkpoint = Checkpoint.Open(tiny.Write());

        if (shuffled)
            Should.Throw<CheckpointException>(() => checkpoint.Linear(Down)).Message.ShouldContain("g_idx puts input 40 into group 2, expected 1");
        else
            checkpoint.Linear(Down).ShouldBeAssignableTo<QuantizedLinear>();
    }

    [Theory]
    [InlineData("""{"quant_method":"auto-round","bits":8,"group_size":32}""", "has shape [12, 64], expected [24, 64] for [64, 96] at 8 bits. The shape fits 4 bits")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"group_size":64}""", "tensor model.layers.0.mlp.down_proj.qzeros has shape [3, 8], expected [2, 8] for group size 64")]
    [InlineData("""{"quant_method":"awq","bits":4,"group_size":32}""", "has shape [12, 64], expected [96, 8]")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"group_size":32,"modules_to_not_convert":["mlp"]}""", "quantization_config says 16 bits for this layer")]
    [InlineData("null", "is quantized, but config.json has no quantization_config")]
    public void Linear_SchemeThatDoesNotFitTheTensors_IsRefused(string quantization, string sentence)
    {
        using var tiny = Packed(quantization, out _);
        using var checkpoint = Checkpoint.Open(tiny.Write());
        Should.Throw<CheckpointException>(() => checkpoint.Linear(Down)).Message.ShouldContain(sentence);
    }

    [Fact]
    public void Linear_DamagedParts_AreRefusedByName()
    {
        const string Config = """{"quant_method":"auto-round","bits":4,"group_size":32}""";
        const string Module = "model.layers.0.mlp.down_proj";
        Refusal(tiny => tiny.Tensors.Remove(Module + ".qzeros")).ShouldContain("down_proj.qzeros is missing");
        Refusal(tiny => tiny.AddDense(Module + ".qzeros", 3, 8)).ShouldContain("down_proj.qzeros has dtype BF16, expected I32");
        Refusal(tiny => tiny.AddDense(Module + ".qweight", 12, 64)).ShouldContain("down_proj.qweight has dtype BF16, expected I32");
        Refusal(tiny => tiny.AddDense(Module + ".scales", 3, 63)).ShouldContain("down_proj.scales has shape [3, 63], expected [3, 64]");
        Refusal(tiny => tiny.AddDense(Module + ".weight", 64, 96)).ShouldContain("are two weights of one layer");
        Refusal(tiny => tiny.AddDense(Module + ".bias", 64)).ShouldContain("down_proj.bias is a bias");

        static string Refusal(Action<TinyCheckpoint> damage)
        {
            using var tiny = Packed(Config, out _);
            damage(tiny);
            using var checkpoint = Checkpoint.Open(tiny.Write());
            return Should.Throw<CheckpointException>(() => checkpoint.Linear(Down)).Message;
        }
    }

    [Fact]
    public void Linear_MissingOrMisshapenDenseTensor_IsRefusedByName()
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.Tensors.Remove("model.layers.0.mlp.down_proj.weight");
        tiny.AddDense("model.layers.0.mlp.up_proj.weight", 64, 96);
        tiny.Tensors["model.norm.weight"] = SafetensorsEntry.Of("model.norm.weight", "I32", [64], new byte[256]);
        tiny.AddDense("model.layers.0.input_layernorm.weight", 63);
        tiny.AddDense("model.surplus", 1);
        using var checkpoint = Checkpoint.Open(tiny.Write());

        Message(() => checkpoint.Linear(Down)).ShouldContain($"tensor {Down}.weight is missing");
        Message(() => checkpoint.Linear("language_model.model.layers.0.mlp.up_proj")).ShouldContain("up_proj.weight has shape [64, 96], expected [96, 64]");
        Message(() => checkpoint.Linear("language_model.model.layers.1.mlp.up_proj")).ShouldContain("has no weight matrix");
        Message(() => checkpoint.Vector("language_model.model.norm", 64)).ShouldContain("norm.weight has dtype I32, expected BF16, F16 or F32");
        Message(() => checkpoint.Vector("language_model.model.layers.0.input_layernorm", 64)).ShouldContain("has shape [63], expected [64]");
        checkpoint.UnreadTensors.ShouldContain("model.surplus");

        static string Message(Action action) => Should.Throw<CheckpointException>(action).Message;
    }

    [Fact]
    public void Open_OneTensorUnderTwoNames_IsRefused()
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.AddDense("language_model.model.norm.weight", 64);
        Should.Throw<CheckpointException>(() => Checkpoint.Open(tiny.Write())).Message.ShouldContain("are two names of language_model.model.norm.weight");
    }

    [Fact]
    public void Open_Shards_ReadsTensorsFromTheFilesOfTheIndex()
    {
        using var tiny = TinyCheckpoint.Text();
        WriteShards(tiny, (name, shard) => shard);
        using var checkpoint = Checkpoint.Open(tiny.Folder);
        foreach (var module in checkpoint.Matrices.Keys)
            checkpoint.Linear(module).ShouldNotBeNull();
        checkpoint.Tensors.Select(tensor => tensor.Shard).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData("../evil.safetensors", "expected a plain file name inside the checkpoint's folder")]
    [InlineData("/etc/passwd", "expected a plain file name")]
    [InlineData("a\\b.safetensors", "expected a plain file name")]
    [InlineData("..", "expected a plain file name")]
    [InlineData("", "expected a plain file name")]
    [InlineData("absent.safetensors", "absent.safetensors: the file can't be read")]
    [InlineData("b.safetensors", "tensor lm_head.weight should be in b.safetensors, but that file does not have it")]
    public void Open_IndexThatLies_IsRefused(string shard, string sentence)
    {
        using var tiny = TinyCheckpoint.Text();
        WriteShards(tiny, (name, honest) => name == "lm_head.weight" ? shard : honest);
        Should.Throw<CheckpointException>(() => Checkpoint.Open(tiny.Folder)).Message.ShouldContain(sentence);
    }

    [Fact]
    public void Open_FolderWithoutWeights_SaysWhatIsMissing()
    {
        using var tiny = TinyCheckpoint.Text();
        Should.Throw<CheckpointException>(() => Checkpoint.Open(tiny.WriteConfig())).Message.ShouldContain("neither a model.safetensors nor");
        Should.Throw<CheckpointException>(() => Checkpoint.Open(tiny.Folder + "-absent")).Message.ShouldContain("does not exist");
    }

    [Fact]
    public void Digest_ChangesWithConfigurationAndWeightsOnly()
    {
        using var tiny = TinyCheckpoint.Text();
        var first = Digest();
        Digest().ShouldBe(first);
        first.Length.ShouldBe(64);

        tiny.AddDense("model.embed_tokens.weight", 40, 64);
        var second = Digest();
        second.ShouldNotBe(first);
        tiny.Config["rope_theta"] = 2e6;
        Digest().ShouldNotBe(second);

        string Digest()
        {
            using var checkpoint = Checkpoint.Open(tiny.Write());
            return checkpoint.Digest;
        }
    }

    private static TinyCheckpoint Packed(string quantization, out PackedLayer layer, bool isAwq = false)
    {
        const string Module = "model.layers.0.mlp.down_proj";
        var tiny = TinyCheckpoint.Text();
        layer = new PackedLayer(new Random(5), 64, 96, 4, 32, symmetric: false, leastZero: 1);
        tiny.Pack(Module, isAwq ? layer.Awq(Module) : layer.Gptq(Module, 1));
        tiny.Config["quantization_config"] = JsonNode.Parse(quantization);
        return tiny;
    }

    private static void WriteShards(TinyCheckpoint tiny, Func<string, string, string> shardOf)
    {
        tiny.WriteConfig();
        var honest = tiny.Tensors.Keys.ToDictionary(name => name, name => name.Contains("mlp", StringComparison.Ordinal) ? "b.safetensors" : "a.safetensors");
        foreach (var shard in (string[])["a.safetensors", "b.safetensors"])
            SafetensorsWriter.Write(Path.Combine(tiny.Folder, shard), [.. tiny.Tensors.Values.Where(entry => honest[entry.Name] == shard)]);
        var map = honest.ToDictionary(entry => entry.Key, entry => shardOf(entry.Key, entry.Value));
        File.WriteAllText(Path.Combine(tiny.Folder, "model.safetensors.index.json"), JsonSerializer.Serialize(new { weight_map = map }));
    }

    private static byte[] Bytes(SafetensorsEntry entry)
    {
        using var stream = new MemoryStream();
        entry.Write(stream);
        return stream.ToArray();
    }
}
