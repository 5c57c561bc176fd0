using System.Text.Json;
using CsCheck;
using Dray.Inference.Sampling;

namespace Dray.Inference.Tests.Sampling;

public sealed class SamplingParamsTests
{
    private static readonly SamplingParams Defaults = new() { Temperature = 0.15f, TopP = 0.9f, MaxTokens = 77 };

    [Fact]
    public void Parse_EveryField_IsRead()
    {
        var read = Parse("""
            {"temperature": 0.5, "top_p": 0.25, "top_k": 40, "min_p": 0.05, "repetition_penalty": 1.25, "presence_penalty": -2,
             "frequency_penalty": 2, "logit_bias": {"5": -100, "70000": 1.5}, "seed": -7, "max_tokens": 12, "max_completion_tokens": 12,
             "stop": ["a", "bc"], "stop_token_ids": [2, 3], "min_tokens": 4, "ignore_eos": true, "n": 3, "logprobs": true, "top_logprobs": 20}
            """);

        (read.Temperature, read.TopP, read.TopK, read.MinP).ShouldBe((0.5f, 0.25f, 40, 0.05f));
        (read.RepetitionPenalty, read.PresencePenalty, read.FrequencyPenalty).ShouldBe((1.25f, -2f, 2f));
        read.LogitBias.ShouldBe(new Dictionary<int, float> { [5] = -100, [70000] = 1.5f }, ignoreOrder: true);
        (read.Seed, read.MaxTokens, read.MinTokens, read.IgnoreEos, read.N, read.LogProbs).ShouldBe((-7L, 12, 4, true, 3, 20));
        read.Stop.ShouldBe(["a", "bc"]);
        read.StopTokenIds.ShouldBe([2, 3]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"temperature": null, "top_p": null, "max_tokens": null, "stop": null, "logit_bias": null, "seed": null, "n": null, "stream": null}""")]
    [InlineData("""{"messages": [], "model": "x", "stream": false, "logprobs": false, "top_logprobs": 0}""")]
    public void Parse_AbsentOrNull_KeepsTheDefaults(string body) => Parse(body).ShouldBe(Defaults);

    [Theory]
    [InlineData("""{"top_k": -1}""", 0)]
    [InlineData("""{"top_k": 0}""", 0)]
    [InlineData("""{"top_k": 5.0}""", 5)]
    [InlineData("""{"top_k": 1e2}""", 100)]
    public void Parse_TopK_MinusOneAndZeroAreOff(string body, int expected) => Parse(body).TopK.ShouldBe(expected);

    [Theory]
    [InlineData("""{"max_completion_tokens": 9}""", 9)]
    [InlineData("""{"max_tokens": 8}""", 8)]
    [InlineData("""{"max_tokens": 8, "max_completion_tokens": null}""", 8)]
    public void Parse_EitherTokenLimit_IsTheLimit(string body, int expected) => Parse(body).MaxTokens.ShouldBe(expected);

    [Theory]
    [InlineData("""{"logprobs": true}""", 0)]
    [InlineData("""{"logprobs": true, "top_logprobs": 4}""", 4)]
    [InlineData("""{"logprobs": 3}""", 3)]
    public void Parse_LogProbs_BothDialectsAreRead(string body, int expected) => Parse(body).LogProbs.ShouldBe(expected);

    [Fact]
    public void Parse_StopString_IsAListOfOne() => Parse("""{"stop": "\n\n"}""").Stop.ShouldBe(["\n\n"]);

    [Theory]
    [InlineData("""{"temperature": 2.01}""", "temperature")]
    [InlineData("""{"temperature": -0.1}""", "temperature")]
    [InlineData("""{"temperature": "hot"}""", "temperature")]
    [InlineData("""{"temperature": 1e999}""", "temperature")]
    [InlineData("""{"top_p": 0}""", "top_p")]
    [InlineData("""{"top_p": 1e-60}""", "top_p")]
    [InlineData("""{"top_p": 1.5}""", "top_p")]
    [InlineData("""{"top_k": -2}""", "top_k")]
    [InlineData("""{"top_k": 1.5}""", "top_k")]
    [InlineData("""{"top_k": 99999999999}""", "top_k")]
    [InlineData("""{"min_p": 1.1}""", "min_p")]
    [InlineData("""{"repetition_penalty": 0}""", "repetition_penalty")]
    [InlineData("""{"repetition_penalty": 1e300}""", "repetition_penalty")]
    [InlineData("""{"presence_penalty": 2.5}""", "presence_penalty")]
    [InlineData("""{"frequency_penalty": -2.5}""", "frequency_penalty")]
    [InlineData("""{"logit_bias": [1]}""", "logit_bias")]
    [InlineData("""{"logit_bias": {"x": 1}}""", "logit_bias")]
    [InlineData("""{"logit_bias": {"-1": 1}}""", "logit_bias")]
    [InlineData("""{"logit_bias": {"\ud800": 1}}""", "logit_bias")]
    [InlineData("""{"logit_bias": {"7": 101}}""", "logit_bias.7")]
    [InlineData("""{"logit_bias": {"7": null}}""", "logit_bias.7")]
    [InlineData("""{"seed": 1.5}""", "seed")]
    [InlineData("""{"seed": 99999999999999999999}""", "seed")]
    [InlineData("""{"max_tokens": 0}""", "max_tokens")]
    [InlineData("""{"max_completion_tokens": -1}""", "max_completion_tokens")]
    [InlineData("""{"max_tokens": 5, "max_completion_tokens": 6}""", "max_completion_tokens")]
    [InlineData("""{"min_tokens": 78}""", "min_tokens")]
    [InlineData("""{"stop": ""}""", "stop")]
    [InlineData("""{"stop": 5}""", "stop")]
    [InlineData("""{"stop": ["a", ""]}""", "stop[1]")]
    [InlineData("""{"stop": ["a", null]}""", "stop[1]")]
    [InlineData("""{"stop": ["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}""", "stop")]
    [InlineData("""{"stop_token_ids": 5}""", "stop_token_ids")]
    [InlineData("""{"stop_token_ids": [-5]}""", "stop_token_ids[0]")]
    [InlineData("""{"stop_token_ids": [null]}""", "stop_token_ids[0]")]
    [InlineData("""{"ignore_eos": 1}""", "ignore_eos")]
    [InlineData("""{"n": 0}""", "n")]
    [InlineData("""{"n": 17}""", "n")]
    [InlineData("""{"logprobs": true, "top_logprobs": 21}""", "top_logprobs")]
    [InlineData("""{"top_logprobs": 2}""", "top_logprobs")]
    [InlineData("""{"logprobs": "yes"}""", "logprobs")]
    [InlineData("""{"use_beam_search": true}""", "use_beam_search")]
    public void Parse_WrongValue_NamesTheField(string body, string param)
    {
        var error = Should.Throw<RequestRejectedException>(() => Parse(body));
        error.Code.ShouldBe(RequestErrorCodes.InvalidRequest);
        error.Param.ShouldBe(param);
        error.Message.ShouldContain($"'{param}'");
        error.Message.ShouldEndWith(".");
    }

    [Fact]
    public void Parse_LongStop_IsRefused()
    {
        Parse($$"""{"stop": "{{new string('x', 1024)}}"}""").Stop[0].Length.ShouldBe(1024);
        Should.Throw<RequestRejectedException>(() => Parse($$"""{"stop": "{{new string('x', 1025)}}"}"""));
    }

    [Fact]
    public void Parse_ManyBiases_IsRefused()
    {
        static string Body(int count) => $$$"""{"logit_bias": {{{{string.Join(",", Enumerable.Range(0, count).Select(id => $"\"{id}\": 1"))}}}}}""";
        Parse(Body(1024)).LogitBias.Count.ShouldBe(1024);
        Should.Throw<RequestRejectedException>(() => Parse(Body(1025))).Param.ShouldBe("logit_bias");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("null")]
    public void Parse_BodyNotAnObject_IsRefused(string body) => Should.Throw<RequestRejectedException>(() => Parse(body));

    [Fact]
    public void Parse_AnyValueInAnyField_NeverFailsOtherwise()
    {
        string[] fields =
        [
            "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty", "frequency_penalty", "logit_bias", "seed", "max_tokens",
            "max_completion_tokens", "stop", "stop_token_ids", "min_tokens", "ignore_eos", "n", "logprobs", "top_logprobs",
        ];
        string[] values = ["null", "true", "\"\\ud800\"", "[]", "{}", "[[1]]", "{\"1\":{}}", "-0.0", "1e-400", "1e400", "-1", "1", "2.5", "9223372036854775808"];
        Gen.Select(Gen.Int[0, fields.Length - 1], Gen.Int[0, values.Length - 1]).Array[1, 4].Sample(pairs =>
        {
            var body = "{" + string.Join(",", pairs.Select(pair => $"\"{fields[pair.Item1]}\":{values[pair.Item2]}")) + "}";
            try
            {
                Parse(body).N.ShouldBeInRange(1, 16);
            }
            catch (RequestRejectedException rejected)
            {
                rejected.Message.ShouldEndWith(".");
            }
        });
    }

    [Fact]
    public void RequireVocabulary_UnknownIds_AreRefused()
    {
        var bias = new SamplingParams { LogitBias = new Dictionary<int, float> { [100] = 1 } };
        bias.RequireVocabulary(101);
        Should.Throw<RequestRejectedException>(() => bias.RequireVocabulary(100)).Param.ShouldBe("logit_bias");
        Should.Throw<RequestRejectedException>(() => new SamplingParams { StopTokenIds = [100] }.RequireVocabulary(100)).Param.ShouldBe("stop_token_ids");
    }

    private static SamplingParams Parse(string body) => SamplingParams.Parse(JsonSerializer.Deserialize<JsonElement>(body), Defaults);
}
