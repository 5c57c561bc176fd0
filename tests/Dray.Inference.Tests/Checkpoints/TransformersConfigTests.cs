using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

public sealed class TransformersConfigTests
{
    [Fact]
    public void Load_TransformersFourDialect_ReadsEveryNumber()
    {
        using var tiny = TinyCheckpoint.Multimodal();
        var config = ModelConfig.Load(tiny.WriteConfig());

        config.Architecture.ShouldBe("Mistral3ForConditionalGeneration");
        config.Text.ShouldBe(new TextConfig
        {
            HiddenSize = 64, Layers = 1, Heads = 2, KvHeads = 1, HeadDim = 32, IntermediateSize = 96, VocabSize = 40, RopeTheta = 1e6,
            RmsNormEpsilon = 1e-5f, ContextLength = 2048, TiedEmbeddings = false,
        });
        config.Vision.ShouldBe(new VisionConfig
        {
            HiddenSize = 16, Layers = 1, Heads = 2, HeadDim = 8, IntermediateSize = 24, PatchSize = 4, ImageSize = 64, Channels = 3,
            RopeTheta = 10_000, MergeSize = 2, ImageTokenId = 10,
        });
        config.Quantization.ShouldBeNull();
        config.Generation.EosTokenIds.ShouldBe([2, 3]);
    }

    [Fact]
    public void Load_TransformersFiveDialect_MeansTheSame()
    {
        using var tiny = TinyCheckpoint.Multimodal();
        var before = ModelConfig.Load(tiny.WriteConfig());
        MoveRope(tiny.Config["text_config"]!.AsObject(), "default");
        MoveRope(tiny.Config["vision_config"]!.AsObject(), "axial");
        tiny.Config["image_token_id"] = 10;
        tiny.Config.Remove("image_token_index");
        var after = ModelConfig.Load(tiny.WriteConfig());

        after.Text.ShouldBe(before.Text);
        after.Vision.ShouldBe(before.Vision);

        static void MoveRope(JsonObject section, string type)
        {
            section["rope_parameters"] = new JsonObject { ["rope_theta"] = section["rope_theta"]!.DeepClone(), ["rope_type"] = type };
            section.Remove("rope_theta");
        }
    }

    [Fact]
    public void Load_LlamaWithoutOptionalKeys_HasTransformersDefaults()
    {
        using var tiny = TinyCheckpoint.Text("LlamaForCausalLM");
        foreach (var key in (string[])["head_dim", "num_key_value_heads", "rope_theta", "rms_norm_eps", "max_position_embeddings", "sliding_window"])
            tiny.Config.Remove(key);
        var text = ModelConfig.Load(tiny.WriteConfig()).Text;

        (text.HeadDim, text.KvHeads, text.RopeTheta, text.RmsNormEpsilon, text.ContextLength).ShouldBe((32, 2, 10_000, 1e-6f, 2048));
    }

    [Fact]
    public void Load_GenerationConfig_GivesWhatItSaysAndNullElsewhere()
    {
        using var tiny = TinyCheckpoint.Text();
        File.WriteAllText(
            Path.Combine(tiny.Folder, "generation_config.json"), """{"eos_token_id":[2,7],"do_sample":true,"temperature":0.15,"top_p":null}""");
        var generation = ModelConfig.Load(tiny.WriteConfig()).Generation;

        generation.BosTokenIds.ShouldBe([1]);
        generation.EosTokenIds.ShouldBe([2, 7]);
        (generation.DoSample, generation.Temperature, generation.TopP, generation.TopK).ShouldBe((true, 0.15, null, null));
    }

    [Theory]
    [InlineData("architectures", """["Qwen2ForCausalLM"]""", """architectures is ["Qwen2ForCausalLM"], expected one of""")]
    [InlineData("architectures", "null", "architectures is absent, expected one of")]
    [InlineData("hidden_size", "0", "hidden_size is 0, expected an integer from 1 to")]
    [InlineData("hidden_size", "1e9", "hidden_size is 1e9, expected an integer from 1 to")]
    [InlineData("hidden_size", "64.5", "hidden_size is 64.5, expected an integer")]
    [InlineData("hidden_size", "\"64\"", "hidden_size is \"64\", expected an integer")]
    [InlineData("hidden_size", "null", "hidden_size is missing")]
    [InlineData("num_hidden_layers", "100000", "num_hidden_layers is 100000, expected an integer from 1 to 1024")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads is 3, expected a divisor of the 2 attention heads")]
    [InlineData("head_dim", "31", "head_dim is 31, expected a multiple of 2")]
    [InlineData("vocab_size", "-1", "vocab_size is -1, expected an integer")]
    [InlineData("rms_norm_eps", "0", "rms_norm_eps is 0, expected a number")]
    [InlineData("rope_theta", "0.5", "rope_theta is 0.5, expected a number from 1")]
    [InlineData("rope_scaling", """{"type":"yarn","factor":4}""", "rope_scaling.type is \"yarn\", expected 'default'")]
    [InlineData("rope_scaling", """{"rope_type":"llama3"}""", "rope_scaling.rope_type is \"llama3\", expected 'default'")]
    [InlineData("rope_parameters", """{"rope_type":"linear","rope_theta":1e4}""", "rope_parameters.rope_type is \"linear\", expected 'default'")]
    [InlineData("rope_parameters", """{"rope_theta":1e4,"partial_rotary_factor":0.5}""", "rope_parameters.partial_rotary_factor is 0.5, expected 1")]
    [InlineData("sliding_window", "4096", "sliding_window is 4096, expected null or false")]
    [InlineData("layer_types", """["full_attention","sliding_attention"]""", """layer_types is ["full_attention","sliding_attention"], expected 'full_attention' for every layer""")]
    [InlineData("attention_bias", "true", "attention_bias is true, expected null or false")]
    [InlineData("mlp_bias", "true", "mlp_bias is true, expected null or false")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act is \"gelu\", expected 'silu'")]
    [InlineData("model_type", "\"ministral3\"", "model_type is \"ministral3\", expected 'mistral'")]
    [InlineData("tie_word_embeddings", "1", "tie_word_embeddings is 1, expected true or false")]
    [InlineData("eos_token_id", "[1.5]", "eos_token_id is [1.5], expected a token id")]
    public void Load_TextConfigThatCannotBeComputed_IsRefusedByKey(string key, string json, string sentence)
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.Config[key] = JsonNode.Parse(json);
        Refusal(tiny).ShouldStartWith("config.json: " + sentence);
    }

    [Theory]
    [InlineData("vision_config.hidden_act", "null", "vision_config.hidden_act is absent, expected 'silu'")]
    [InlineData("vision_config.head_dim", "4", "vision_config.head_dim is 4, expected 16 hidden values divided by 2 heads")]
    [InlineData("vision_config.num_channels", "1", "vision_config.num_channels is 1, expected an integer from 3 to 3")]
    [InlineData("vision_config.image_size", "2", "vision_config.image_size is 2, expected an integer from 4")]
    [InlineData("vision_config.model_type", "\"siglip\"", "vision_config.model_type is \"siglip\", expected 'pixtral'")]
    [InlineData("vision_config.rope_parameters", """{"rope_type":"yarn"}""", "vision_config.rope_parameters.rope_type is \"yarn\", expected 'default' or 'axial'")]
    [InlineData("vision_config", "null", "vision_config is absent, expected an object")]
    [InlineData("text_config", "[]", "text_config is [], expected an object")]
    [InlineData("text_config.sliding_window", "1", "text_config.sliding_window is 1, expected null or false")]
    [InlineData("vision_feature_layer", "-2", "vision_feature_layer is -2, expected -1")]
    [InlineData("vision_feature_layer", "[-1,-2]", "vision_feature_layer is [-1,-2], expected -1")]
    [InlineData("projector_hidden_act", "\"relu\"", "projector_hidden_act is \"relu\", expected 'gelu'")]
    [InlineData("multimodal_projector_bias", "true", "multimodal_projector_bias is true, expected null or false")]
    [InlineData("spatial_merge_size", "0", "spatial_merge_size is 0, expected an integer from 1")]
    public void Load_MultimodalConfigThatCannotBeComputed_IsRefusedByKey(string path, string json, string sentence)
    {
        using var tiny = TinyCheckpoint.Multimodal();
        var parts = path.Split('.');
        var section = parts.Length == 1 ? tiny.Config : tiny.Config[parts[0]]!.AsObject();
        section[parts[^1]] = JsonNode.Parse(json);
        Refusal(tiny).ShouldStartWith("config.json: " + sentence);
    }

    [Theory]
    [InlineData("[]", "config.json: the file holds a JSON Array, expected an object.")]
    [InlineData("{", "config.json: not valid JSON")]
    [InlineData("""{"a":1,"a":2}""", "config.json: not valid JSON")]
    public void Load_MalformedFile_IsRefused(string json, string sentence)
    {
        using var tiny = TinyCheckpoint.Text();
        File.WriteAllText(Path.Combine(tiny.Folder, "config.json"), json);
        Should.Throw<CheckpointException>(() => ModelConfig.Load(tiny.Folder)).Message.ShouldStartWith(sentence);
    }

    [Fact]
    public void Load_EmptyFolder_SaysWhatIsMissing()
    {
        using var tiny = TinyCheckpoint.Text();
        Should.Throw<CheckpointException>(() => ModelConfig.Load(tiny.Folder)).Message.ShouldContain("neither a config.json nor a params.json");
    }

    [Fact]
    public void Read_RandomlyDamagedConfig_ReadsOrRefuses()
    {
        using var tiny = TinyCheckpoint.Multimodal();
        tiny.Config["quantization_config"] = JsonNode.Parse(
            """{"quant_method":"auto-round","bits":4,"group_size":-1,"extra_config":{"lm_head":{"bits":8},".*up_proj.*":{"bits":16}},"dynamic":{"-:a":{}}}""");
        var valid = Encoding.UTF8.GetBytes(tiny.Config.ToJsonString());
        var alphabet = "{}[],:\"\\-0123456789eE.untrfals(*"u8.ToArray();
        var letters = Gen.OneOf(Gen.Byte, Gen.Int[0, alphabet.Length - 1].Select(i => alphabet[i]));
        Gen.Select(Gen.Int[0, valid.Length - 1], letters).List[1, 4].Sample(
            changes =>
            {
                var bytes = valid.ToArray();
                foreach (var (at, value) in changes)
                    bytes[at] = value;
                try
                {
                    var config = TransformersConfigReader.Read(ConfigSection.Parse("config.json", bytes));
                    ModuleShapes.Of(config).Values.ShouldAllBe(shape => shape.Outputs > 0 && shape.Inputs > 0);
                    if (config.Quantization is { } quantization) new LayerSchemes(quantization).Of("language_model.lm_head");
                }
                catch (CheckpointException exception)
                {
                    exception.Message.ShouldStartWith("config.json: ");
                }
            },
            iter: 10_000);
    }

    private static string Refusal(TinyCheckpoint tiny) =>
        Should.Throw<CheckpointException>(() => ModelConfig.Load(tiny.WriteConfig())).Message;
}
