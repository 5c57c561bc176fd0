using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

public sealed class QuantizationConfigTests
{
    private const string Down = "language_model.model.layers.0.mlp.down_proj";

    [Theory]
    [InlineData("""{"quant_method":"auto-round","bits":4}""", PackingFormat.GptqZeroMinusOne, 4, 128, true)]
    [InlineData("""{"quant_method":"auto-round","bits":8,"group_size":-1,"packing_format":"auto_round:gptq"}""", PackingFormat.GptqZeroMinusOne, 8, -1, true)]
    [InlineData("""{"quant_method":"auto-round","bits":2,"group_size":32,"sym":false,"packing_format":"auto_round"}""", PackingFormat.Gptq, 2, 32, false)]
    [InlineData("""{"quant_method":"auto-round","bits":3,"packing_format":"auto_round:gptqmodel","act_bits":16,"rotation_configs":null}""", PackingFormat.Gptq, 3, 128, true)]
    [InlineData("""{"quant_method":"auto-round","bits":4,"packing_format":"auto_round:awq"}""", PackingFormat.Awq, 4, 128, true)]
    [InlineData("""{"quant_method":"gptq","bits":4,"group_size":64,"desc_act":false,"sym":true}""", PackingFormat.GptqZeroMinusOne, 4, 64, true)]
    [InlineData("""{"quant_method":"gptq","bits":4,"checkpoint_format":"gptq_v2","desc_act":true,"static_groups":true}""", PackingFormat.Gptq, 4, 128, true)]
    [InlineData("""{"quant_method":"awq","w_bit":4,"q_group_size":64,"zero_point":true,"version":"GEMM"}""", PackingFormat.Awq, 4, 64, false)]
    public void Load_KnownMethod_IsUnderstood(string json, PackingFormat packing, int bits, int groupSize, bool symmetric)
    {
        var quantization = Load(json);
        quantization.Packing.ShouldBe(packing);
        quantization.Default.ShouldBe(new LayerScheme(bits, groupSize, symmetric));
    }

    [Theory]
    [InlineData("""{"quant_method":"fp8","bits":4}""", "quantization_config.quant_method is \"fp8\", expected 'auto-round', 'gptq' or 'awq'")]
    [InlineData("""{"bits":4}""", "quantization_config.quant_method is missing")]
    [InlineData("""{"quant_method":"auto-round"}""", "quantization_config.bits is missing")]
    [InlineData("""{"quant_method":"auto-round","bits":5}""", "quantization_config.bits is 5, expected 2, 3, 4 or 8")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"group_size":0}""", "quantization_config.group_size is 0, expected -1 for a whole row")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"packing_format":"auto_round:llm_compressor"}""", "quantization_config.packing_format is \"auto_round:llm_compressor\", expected")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"data_type":"mx_fp4"}""", "quantization_config.data_type is \"mx_fp4\", expected 'int'")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"act_bits":8}""", "quantization_config.act_bits is 8, expected 16 or more")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"rotation_configs":{"a":1}}""", "quantization_config.rotation_configs is")]
    [InlineData("""{"quant_method":"auto-round","bits":8,"packing_format":"auto_round:auto_awq"}""", "quantization_config.bits is 8, expected 4")]
    [InlineData("""{"quant_method":"gptq","bits":4,"desc_act":true}""", "quantization_config.desc_act is true, expected false")]
    [InlineData("""{"quant_method":"gptq","bits":4,"checkpoint_format":"marlin"}""", "quantization_config.checkpoint_format is \"marlin\"")]
    [InlineData("""{"quant_method":"awq","bits":4,"version":"gemv"}""", "quantization_config.version is \"gemv\", expected 'gemm'")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"extra_config":{"lm_head":{"bits":5}}}""", "quantization_config.extra_config.lm_head.bits is 5")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"extra_config":{"lm_head":{"data_type":"nv_fp4"}}}""", "quantization_config.extra_config.lm_head.data_type is \"nv_fp4\"")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"extra_config":{"lm_head":{"act_bits":8}}}""", "quantization_config.extra_config.lm_head.act_bits is 8")]
    [InlineData("""{"quant_method":"auto-round","bits":4,"extra_config":{"lm_head":7}}""", "quantization_config.extra_config.lm_head is 7, expected an object")]
    public void Load_WhatCannotBeComputed_IsRefusedByName(string json, string sentence) =>
        Should.Throw<CheckpointException>(() => Load(json)).Message.ShouldStartWith("config.json: " + sentence);

    [Theory]
    [InlineData("""{"block_name_to_quantize":"model.layers, model.vision_tower.layers"}""", "model.layers|model.vision_tower.layers")]
    [InlineData("""{"to_quant_block_names":[["model.layers"],"x"]}""", "model.layers|x")]
    [InlineData("""{"block_name_to_quantize":["a"],"to_quant_block_names":"b"}""", "a")]
    [InlineData("{}", "")]
    public void Load_BlockNames_ComeInEveryForm(string json, string expected)
    {
        var section = JsonNode.Parse(json)!.AsObject();
        section["quant_method"] = "auto-round";
        section["bits"] = 4;
        string.Join('|', Load(section.ToJsonString()).Blocks).ShouldBe(expected);
    }

    [Theory]
    [InlineData("language_model.model.layers.0.mlp.down_proj")]
    [InlineData("model.language_model.layers.0.mlp.down_proj")]
    [InlineData("model.layers.0.mlp.down_proj")]
    [InlineData(@".*mlp\\.down_proj.*")]
    [InlineData(@"^model\\.layers\\.\\d+\\.mlp\\.down")]
    [InlineData(@"language_model\\.layers\\.(0|1)\\.mlp\\.down_proj$")]
    public void Of_NameInAnyNamespaceOrExpression_FindsTheLayer(string key)
    {
        var schemes = Schemes($$$"""{"{{{key}}}":{"bits":8,"group_size":32}}""");
        schemes.Of(Down).ShouldBe(new LayerScheme(8, 32, true));
        schemes.Of("language_model.model.layers.0.mlp.up_proj").ShouldBe(new LayerScheme(4, 128, true));
    }

    [Fact]
    public void Of_ExactNameAfterAMatchingExpression_Wins()
    {
        var schemes = Schemes("""{".*down_proj.*":{"bits":2},"model.layers.0.mlp.down_proj":{"bits":16,"data_type":"fp"}}""");
        schemes.Of(Down).IsQuantized.ShouldBeFalse();
        schemes.Of(Down.Replace(".0.", ".1.", StringComparison.Ordinal)).Bits.ShouldBe(2);
    }

    [Fact]
    public void Of_PlainNameOfALayer_DoesNotMatchItsLongerNeighbour() =>
        Schemes("""{"model.layers.1":{"bits":8}}""").Of("language_model.model.layers.10.mlp.up_proj").Bits.ShouldBe(4);

    [Fact]
    public void Of_NullsInAnEntry_MeanTheDefault() =>
        Schemes("""{"lm_head":{"bits":8,"group_size":null,"sym":null}}""").Of("language_model.lm_head").ShouldBe(new LayerScheme(8, 128, true));

    [Fact]
    public void Of_ModulesToNotConvertAndDynamic_LeaveLayersAlone()
    {
        var schemes = new LayerSchemes(Load(
            """{"quant_method":"gptq","bits":4,"modules_to_not_convert":["visual","lm_head"],"dynamic":{"-:.*up_proj":{},"+:.*down_proj":{"bits":8}}}"""));
        schemes.Of("language_model.lm_head").Bits.ShouldBe(16);
        schemes.Of("language_model.model.layers.0.mlp.up_proj").Bits.ShouldBe(16);
        schemes.Of(Down).Bits.ShouldBe(8);
    }

    [Fact]
    public void Of_ExpressionThatIsNone_IsRefused() =>
        Should.Throw<CheckpointException>(() => Schemes("""{"(":{"bits":8}}""")).Message.ShouldContain("the layer pattern '(' of quantization_config");

    [Fact]
    public void Of_ExpressionThatRunsAway_IsRefused() =>
        Should.Throw<CheckpointException>(() => Schemes("""{"^(([a-z._0-9])+)+!$":{"bits":8}}""").Of(Down)).Message.ShouldContain("takes longer than 200 ms");

    private static LayerSchemes Schemes(string extra) =>
        new(Load($$"""{"quant_method":"auto-round","bits":4,"group_size":128,"extra_config":{{extra}}}"""));

    private static QuantizationConfig Load(string json)
    {
        using var tiny = TinyCheckpoint.Text();
        tiny.Config["quantization_config"] = JsonNode.Parse(json);
        return ModelConfig.Load(tiny.WriteConfig()).Quantization!;
    }
}
