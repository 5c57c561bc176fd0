using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

public sealed class NativeConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_ParamsJson_ReadsTextAndVision()
    {
        var config = Load(Params());

        config.Architecture.ShouldBe("Mistral3ForConditionalGeneration");
        config.Text.ShouldBe(new TextConfig
        {
            HiddenSize = 5120, Layers = 40, Heads = 32, KvHeads = 8, HeadDim = 128, IntermediateSize = 32768, VocabSize = 131072,
            RopeTheta = 1e9, RmsNormEpsilon = 1e-5f, ContextLength = 131072, TiedEmbeddings = false,
        });
        config.Vision.ShouldBe(new VisionConfig
        {
            HiddenSize = 1024, Layers = 24, Heads = 16, HeadDim = 64, IntermediateSize = 4096, PatchSize = 14, ImageSize = 1540, Channels = 3,
            RopeTheta = 10_000, MergeSize = 2, ImageTokenId = 10, ImageBreakTokenId = 12, ImageEndTokenId = 13,
        });
    }

    [Fact]
    public void Load_ParamsJsonWithoutVision_IsATextModel()
    {
        var parameters = Params();
        parameters.Remove("vision_encoder");
        var config = Load(parameters);
        (config.Architecture, config.Vision).ShouldBe(("MistralForCausalLM", null));
    }

    [Fact]
    public void Load_DemoFolder_ParamsAndConfigAgree()
    {
        var source = SharedFolder.Require("models", "dray-demo");
        File.Copy(Path.Combine(source, "params.json"), Path.Combine(_folder.Path, "params.json"));
        var native = ModelConfig.Load(_folder.Path);
        var transformers = ModelConfig.Load(source);
        native.Text.ShouldBe(transformers.Text);
        native.Vision.ShouldBe(transformers.Vision! with { ImageBreakTokenId = 12, ImageEndTokenId = 13 });
    }

    [Theory]
    [InlineData("moe", """{"num_experts":8}""", "params.json: moe is {\"num_experts\":8}, expected null or false")]
    [InlineData("yarn", """{"factor":8}""", "params.json: yarn is")]
    [InlineData("sliding_window", "4096", "params.json: sliding_window is 4096")]
    [InlineData("n_kv_heads", "5", "params.json: n_kv_heads is 5, expected a divisor of the 32 heads")]
    [InlineData("head_dim", "3", "params.json: head_dim is 3, expected an even number")]
    [InlineData("dim", "null", "params.json: dim is missing")]
    [InlineData("vision_encoder.adapter_bias", "true", "params.json: vision_encoder.adapter_bias is true")]
    [InlineData("vision_encoder.mm_projector_id", "null", "params.json: vision_encoder.mm_projector_id is missing")]
    [InlineData("vision_encoder.add_pre_mm_projector_layer_norm", "false", "params.json: vision_encoder.add_pre_mm_projector_layer_norm is false, expected true")]
    [InlineData("vision_encoder.num_attention_heads", "3", "params.json: vision_encoder.hidden_size is 1024, expected 3 heads of a width")]
    public void Load_ParamsThatCannotBeComputed_AreRefusedByKey(string path, string json, string sentence)
    {
        var parameters = Params();
        var parts = path.Split('.');
        (parts.Length == 1 ? parameters : parameters[parts[0]]!.AsObject())[parts[^1]] = JsonNode.Parse(json);
        Should.Throw<CheckpointException>(() => Load(parameters)).Message.ShouldStartWith(sentence);
    }

    private static JsonObject Params() => JsonNode.Parse(
        """
        {"dim":5120,"n_layers":40,"head_dim":128,"hidden_dim":32768,"n_heads":32,"n_kv_heads":8,"rope_theta":1000000000.0,"norm_eps":1e-05,
        "vocab_size":131072,"max_position_embeddings":131072,"vision_encoder":{"image_token_id":10,"image_break_token_id":12,
        "image_end_token_id":13,"intermediate_size":4096,"num_hidden_layers":24,"num_attention_heads":16,"mm_projector_id":"patch_merge",
        "spatial_merge_size":2,"hidden_size":1024,"num_channels":3,"image_size":1540,"max_image_size":1540,"patch_size":14,
        "rope_theta":10000.0,"add_pre_mm_projector_layer_norm":true,"adapter_bias":false}}
        """)!.AsObject();

    private ModelConfig Load(JsonObject parameters)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "params.json"), parameters.ToJsonString());
        return ModelConfig.Load(_folder.Path);
    }
}
