using System.Text.Json;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;
using NJsonSchema;

namespace Dray.Inference.Tests.Sampling.Grammar;

/// <summary>The demo model, held to a form at a temperature at which it would say anything.</summary>
public sealed class StructuredAnswerTests
{
    private const string Prompt = "Label the topic (sports, finance, weather, technology, food, travel, health) as JSON.\\nThis soup needs more salt.";

    private const string Label =
        """{"type":"object","properties":{"topic":{"enum":["sports","finance","weather","technology","food","travel","health"]}},"required":["topic"],"additionalProperties":false}""";

    private const string Invoice =
        """{"type":"object","properties":{"id":{"type":"string","pattern":"^[A-Z]{2}-\\d{4}$"},"lines":{"type":"array","minItems":1,"maxItems":3,"items":{"type":"object","properties":{"what":{"type":"string","maxLength":12},"count":{"type":"integer","minimum":1,"maximum":99},"price":{"type":["number","null"]}},"required":["what","count"]}},"due":{"type":"string","format":"date"}},"required":["id","lines","due"]}""";

    private const string Tools =
        """[{"type":"function","function":{"name":"set_timer","description":"Start a timer","parameters":{"type":"object","properties":{"minutes":{"type":"integer"}},"required":["minutes"]}}},{"type":"function","function":{"name":"get_time","description":"Local time in a city","parameters":{"type":"object","properties":{"city":{"type":"string","maxLength":20}},"required":["city"]}}}]""";

    [Theory]
    [InlineData(Label)]
    [InlineData(Invoice)]
    public async Task GenerateAsync_JsonSchemaAtTemperatureTwo_AlwaysValidates(string schema)
    {
        await using var engine = DemoEngine.Load();
        var validator = await JsonSchema.FromJsonAsync(schema, TestContext.Current.CancellationToken);
        var body = Body($$"""response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{{schema}} } }""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(seed => engine.AnswerAsync(Request(body, seed))));

        foreach (var choice in answers.Select(answer => answer.Choices.Single()))
        {
            choice.FinishReason.ShouldBe(FinishReason.Stop);
            validator.Validate(choice.Content!).ShouldBeEmpty(choice.Content);
        }

        answers.Select(answer => answer.Choices.Single().Content).Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task GenerateAsync_JsonSchemaGreedy_KeepsTheModelsAnswer()
    {
        await using var engine = DemoEngine.Load();
        var body = Body($$"""response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{{Label}} } }""");

        var answer = await engine.AnswerAsync(Request(body, 0, temperature: 0));

        answer.Choices.Single().Content.ShouldBe("""{"topic": "food"}""");
    }

    [Theory]
    [InlineData("""structured_outputs":{"choice":["yes","no","not sure"]}""", "^(yes|no|not sure)$")]
    [InlineData("""guided_regex":"(\\+\\d{2} )?\\d{3}-\\d{4}" """, @"^(\+[0-9]{2} )?[0-9]{3}-[0-9]{4}$")]
    public async Task GenerateAsync_ChoiceOrRegexAtTemperatureTwo_AlwaysMatches(string field, string pattern)
    {
        await using var engine = DemoEngine.Load();
        var body = Body(field);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => engine.AnswerAsync(Request(body, seed))));

        foreach (var choice in answers.Select(answer => answer.Choices.Single())) choice.Content!.ShouldMatch(pattern);
    }

    [Theory]
    [InlineData("\"required\"", true)]
    [InlineData("""{"type":"function","function":{"name":"get_time"}}""", false)]
    public async Task GenerateAsync_ToolsRequired_CallsThemWithValidArguments(string choice, bool isParallel)
    {
        await using var engine = DemoEngine.Load();
        var body = Body($$"""tools":{{Tools}},"parallel_tool_calls":{{(isParallel ? "true" : "false")}},"tool_choice":{{choice}}""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(seed => engine.AnswerAsync(Request(body, seed))));

        foreach (var answer in answers.Select(answer => answer.Choices.Single()))
        {
            answer.Content.ShouldBeNull();
            if (answer.FinishReason == FinishReason.Length) continue;
            answer.FinishReason.ShouldBe(FinishReason.ToolCalls);
            foreach (var call in answer.ToolCalls)
            {
                using var arguments = JsonDocument.Parse(call.Arguments);
                var property = arguments.RootElement.EnumerateObject().Single();
                (call.Name, property.Name).ShouldBeOneOf(("set_timer", "minutes"), ("get_time", "city"));
                if (!isParallel) call.Name.ShouldBe("get_time");
            }

            if (!isParallel) answer.ToolCalls.Count.ShouldBe(1);
        }
    }

    [Fact]
    public async Task GenerateAsync_ToolChoiceNone_CallsNothing()
    {
        await using var engine = DemoEngine.Load();
        var sample = DemoEngine.Samples().Single(sample => sample.Name == "sample-tools-1").Request;

        var auto = await engine.AnswerAsync(sample);
        var none = await engine.AnswerAsync(sample with { Format = sample.Format! with { Tools = ToolUse.None } });

        auto.Choices.Single().ToolCalls.Single().Arguments.ShouldBe("""{"minutes": 6}""");
        none.Choices.Single().ToolCalls.ShouldBeEmpty();
    }

    [Fact]
    public async Task GenerateAsync_MinTokensBeyondTheForm_TheFormWins()
    {
        await using var engine = DemoEngine.Load();
        var request = Request(Body("""structured_outputs":{"choice":["yes"]}"""), 0);

        var answer = await engine.AnswerAsync(request with { Sampling = request.Sampling with { MinTokens = 50 } });

        (answer.Choices.Single().Content, answer.Choices.Single().FinishReason).ShouldBe(("yes", FinishReason.Stop));
    }

    [Fact]
    public async Task GenerateAsync_UnsupportedKeyword_FailsTheRequest()
    {
        await using var engine = DemoEngine.Load();
        var request = Request(Body("""guided_json":{"type":"object","minProperties":2}"""), 0);

        var rejected = await Should.ThrowAsync<RequestRejectedException>(() => engine.AnswerAsync(request));

        (rejected.Code, rejected.Param).ShouldBe((RequestErrorCodes.SchemaInvalid, "guided_json.minProperties"));
    }

    private static string Body(string field) => $$"""{"messages":[{"role":"user","content":"{{Prompt}}"}],"{{field}} }""";

    private static GenerationRequest Request(string body, int seed, float temperature = 2)
    {
        var parsed = JsonElement.Parse(body);
        var chat = ChatRequest.Parse(parsed);
        return new GenerationRequest
        {
            Prompt = chat,
            Sampling = new SamplingParams { Temperature = temperature, Seed = seed, MaxTokens = 400 },
            Format = StructuredOutput.Parse(parsed, chat),
        };
    }
}
