using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Dray.Contracts.Tests;

public sealed class ContractsJsonTests
{
    // A bus has options of its own, such as camel case: the names must not depend on them.
    private static readonly JsonSerializerOptions Foreign = new(JsonSerializerDefaults.Web);

    public static TheoryData<string> Names => [.. Samples.All.Select(sample => sample.GetType().Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Options_EveryDocument_ComesBackAsItWas(string name)
    {
        var sample = Samples.All.Single(sample => sample.GetType().Name == name);

        var json = JsonSerializer.Serialize(sample, sample.GetType(), ContractsJson.Options);
        var back = JsonSerializer.Deserialize(json, sample.GetType(), ContractsJson.Options);

        JsonSerializer.Serialize(back, sample.GetType(), ContractsJson.Options).ShouldBe(json);
        json.ShouldNotContain("\n");
        PropertyNames(JsonElement.Parse(json)).ShouldAllBe(property => Regex.IsMatch(property, "^[a-z0-9_]+$"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Options_OtherSerializers_WriteTheSameNames(string name)
    {
        var sample = Samples.All.Single(sample => sample.GetType().Name == name);

        var json = JsonSerializer.Serialize(sample, sample.GetType(), Foreign);

        PropertyNames(JsonElement.Parse(json)).ShouldBe(PropertyNames(JsonSerializer.SerializeToElement(sample, sample.GetType(), ContractsJson.Options)));
    }

    [Fact]
    public void Properties_OfEveryType_NameThemselvesOnTheWire() =>
        typeof(ContractsJson).Assembly.GetExportedTypes().Where(type => !type.IsEnum && !type.IsAbstract)
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(property => property.GetCustomAttribute<JsonPropertyNameAttribute>() is null && property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}").ShouldBeEmpty();

    [Fact]
    public void ChatCompletion_IsOpenAIs() => JsonSerializer.Serialize(Samples.Completion, ContractsJson.Options).ShouldBe(
        """
        {"id":"chatcmpl-1","object":"chat.completion","created":9,"model":"m","choices":[
        {"index":0,"message":{"role":"assistant","content":"größe \uD83D\uDE00 <b>"},"logprobs":null,"finish_reason":"stop"},
        {"index":1,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"abcdefghi","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],
        "usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}
        """.ReplaceLineEndings(""));

    [Fact]
    public void Text_WithLineSeparators_StaysOnOneLine() =>
        JsonSerializer.Serialize(Samples.Completion with { Model = "a\nb\u2028c\u2029d\u0085e" }, ContractsJson.Options).IndexOfAny(['\n', '\r', '\u2028', '\u2029', '\u0085']).ShouldBe(-1);

    [Fact]
    public void BatchOutputRow_OfARefusedRow_IsOpenAIs()
    {
        var body = JsonSerializer.SerializeToElement(
            new ErrorResponse { Error = new() { Message = "No.", Type = ErrorBody.InvalidRequestType, Code = ErrorCodes.ModelNotFound } }, ContractsJson.Options);
        var row = new BatchOutputRow { Id = "batch_req_1", CustomId = "a", Response = new() { StatusCode = 404, RequestId = "req_1", Body = body } };

        row.IsSuccess.ShouldBeFalse();
        JsonSerializer.Serialize(row, ContractsJson.Options).ShouldBe(
            """{"id":"batch_req_1","custom_id":"a","response":{"status_code":404,"request_id":"req_1","body":{"error":{"message":"No.","type":"invalid_request_error","param":null,"code":"model_not_found"}}},"error":null}""");
    }

    [Theory]
    [InlineData(200, false, true)]
    [InlineData(299, false, true)]
    [InlineData(300, false, false)]
    [InlineData(0, false, false)]
    [InlineData(200, true, false)]
    public void IsSuccess_StatusAndError_BothDecide(int status, bool hasError, bool expected) => new BatchOutputRow
    {
        Id = "i",
        CustomId = "a",
        Response = new() { StatusCode = status, RequestId = "r", Body = JsonElement.Parse("{}") },
        Error = hasError ? new() { Code = ErrorCodes.BatchExpired, Message = "m" } : null,
    }.IsSuccess.ShouldBe(expected);

    [Fact]
    public void Deserialize_DocumentOfAnEarlierVersion_HasDefaultsForWhatItLacks()
    {
        var state = JsonSerializer.Deserialize<BatchState>(
            """{"batch":{"id":"b","input_file_id":"i","status":"in_progress","created_at":1}}""", ContractsJson.Options)!;
        var plan = JsonSerializer.Deserialize<BatchPlan>(
            """{"input":{"path":"i","bytes":1,"sha256":"0"},"rows":1,"chunks":[]}""", ContractsJson.Options)!;

        state.Running.ShouldBeEmpty();
        state.Chunks.ShouldBeEmpty();
        (state.Batch.Object, state.Batch.RequestCounts, state.Batch.Usage).ShouldBe(("batch", new(), new()));
        plan.RepeatedRows.ShouldBeEmpty();
    }

    [Fact]
    public void BatchStatus_Values_AreOpenAIsAndTwoOfOurs() => Enum.GetValues<BatchStatus>().Select(status => JsonSerializer.Serialize(status, ContractsJson.Options).Trim('"'))
        .ShouldBe(["validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled", "paused", "incomplete"]);

    [Theory]
    [InlineData("""{"job_id":"j"}""")]
    [InlineData("""{"body":{}}""")]
    public void RunJob_FieldMissing_IsNotRead(string json) => Should.Throw<JsonException>(() => JsonSerializer.Deserialize<RunJob>(json, ContractsJson.Options));

    [Fact]
    public void Assembly_References_NothingButTheFramework()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

        typeof(ContractsJson).Assembly.GetReferencedAssemblies()
            .Where(reference => !File.Exists(Path.Combine(framework, reference.Name + ".dll"))).ShouldBeEmpty();
    }

    private static string[] PropertyNames(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => [.. element.EnumerateObject().SelectMany(property => PropertyNames(property.Value).Prepend(property.Name))],
        JsonValueKind.Array => [.. element.EnumerateArray().SelectMany(PropertyNames)],
        _ => [],
    };
}
