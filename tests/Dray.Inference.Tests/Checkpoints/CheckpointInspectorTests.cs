using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

public sealed class CheckpointInspectorTests
{
    [Fact]
    public void Inspect_MixedTextModel_CountsEverything()
    {
        using var tiny = TinyCheckpoint.Text();
        var random = new Random(3);
        foreach (var (name, outputs, inputs) in new[] { ("down_proj", 64, 96), ("up_proj", 96, 64) })
        {
            var module = "model.layers.0.mlp." + name;
            tiny.Pack(module, new PackedLayer(random, outputs, inputs, 4, 32, symmetric: true).Gptq(module, 1));
        }

        tiny.Config["quantization_config"] = JsonNode.Parse(
            """{"quant_method":"auto-round","bits":4,"group_size":32,"extra_config":{".*(self_attn|gate_proj).*":{"bits":16}}}""");
        tiny.AddDense("model.layers.0.self_attn.rotary_emb.inv_freq", 16);
        var folder = tiny.Write();
        var report = CheckpointInspector.Inspect(folder);

        const int Dense = (40 * 64 * 2) + (64 * 64 * 2) + (32 * 64 * 2) + (96 * 64);
        const int Packed = 2 * 96 * 64;
        report.Parameters.ShouldBe(Dense + Packed + (3 * 64));
        report.WeightBytes.ShouldBe((Dense * 2) + (Packed / 2) + ((64 * 3) + (96 * 2)) * 2 + (3 * 64 * 4));
        report.BytesOnDisk.ShouldBe(new FileInfo(Path.Combine(folder, "model.safetensors")).Length);
        report.Files.ShouldBe(1);
        report.UnusedTensors.ShouldBe(["model.layers.0.self_attn.rotary_emb.inv_freq"]);
        var quantization = report.Quantization!;
        (quantization.Method, quantization.Scheme, quantization.GroupSize, quantization.Packing).ShouldBe(("auto-round", "W4A16", 32, "auto_round:auto_gptq"));
        quantization.Matrices.ShouldBe([new MatrixCount(4, 32, 2, Packed), new MatrixCount(16, null, 7, Dense)]);
        quantization.Ignored.Count.ShouldBe(5);
        quantization.Ignored.ShouldContain("language_model.model.layers.0.mlp.gate_proj");
    }

    [Fact]
    public void Inspect_KvCache_CountsOneScalePerTokenAndHeadForFp8()
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.Config["max_position_embeddings"] = 8192;
        var report = CheckpointInspector.Inspect(tiny.Write());

        report.KvCache.Select(kv => (kv.Dtype, kv.BytesPerToken)).ShouldBe([("fp8_e4m3", 2 * 36), ("bf16", 2 * 64), ("fp32", 2 * 128)]);
        report.KvCache[0].Contexts.ShouldBe([
            new ContextMemory(4096, 72 * 4096, report.WeightBytes + (72 * 4096)), new ContextMemory(8192, 72 * 8192, report.WeightBytes + (72 * 8192))]);
    }

    [Fact]
    public void ToJson_HasSnakeCaseKeys()
    {
        using var tiny = TinyCheckpoint.Multimodal();
        using var json = JsonDocument.Parse(CheckpointInspector.Inspect(tiny.Write()).ToJson());
        json.RootElement.GetProperty("text").GetProperty("hidden_size").GetInt32().ShouldBe(64);
        json.RootElement.GetProperty("vision").GetProperty("patch_size").GetInt32().ShouldBe(4);
        json.RootElement.GetProperty("quantization").ValueKind.ShouldBe(JsonValueKind.Null);
        json.RootElement.GetProperty("kv_cache")[0].GetProperty("bytes_per_token").GetInt32().ShouldBe(72);
        json.RootElement.GetProperty("kv_cache")[0].GetProperty("contexts")[0].GetProperty("total_bytes").GetInt64().ShouldBePositive();
    }

    [Fact]
    public void Inspect_MissingMatrix_Refuses()
    {
        using var tiny = TinyCheckpoint.Multimodal();
        tiny.Tensors.Remove("vision_tower.patch_conv.weight");
        Should.Throw<CheckpointException>(() => CheckpointInspector.Inspect(tiny.Write())).Message.ShouldContain("vision_tower.patch_conv.weight is missing");
    }
}
