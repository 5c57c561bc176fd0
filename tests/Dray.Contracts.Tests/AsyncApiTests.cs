using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;

namespace Dray.Contracts.Tests;

public sealed class AsyncApiTests
{
    private static readonly JsonSerializerOptions Strict = new(ContractsJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private static readonly JsonSchemaExporterOptions Exporting = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = WithWidth };

    public static TheoryData<string> Names => [.. AsyncApi.Sent("Messages").Concat(AsyncApi.Sent("Events")).Select(type => type.Name)];

    [Fact]
    public void Document_Messages_AreThoseOfTheContracts()
    {
        AsyncApi.Root["asyncapi"]!.GetValue<string>().ShouldBe("3.0.0");
        AsyncApi.Messages.Select(message => message.Key).ShouldBe(Names.Select(name => name.Data), ignoreOrder: true);
    }

    [Fact]
    public void Document_Channels_AreTheExchangesOfTheMessages()
    {
        AsyncApi.Channels.Select(channel => channel.Value!["address"]!.GetValue<string>())
            .ShouldBe(Names.Select(name => $"Dray.Contracts:{name.Data}"), ignoreOrder: true);
        foreach (var (_, channel) in AsyncApi.Channels)
        {
            var address = channel!["address"]!.GetValue<string>();
            var name = address.Split(':')[1];
            channel["messages"]!.AsObject().Single().Value!["$ref"]!.GetValue<string>().ShouldBe($"#/components/messages/{name}");
            channel["bindings"]!["amqp"]!["exchange"]!["name"]!.GetValue<string>().ShouldBe(address);
        }
    }

    [Fact]
    public void Document_Operations_SendEventsAndReceiveMessages()
    {
        string[] Of(string action) =>
        [
            .. AsyncApi.Operations.Where(operation => operation.Value!["action"]!.GetValue<string>() == action)
                .Select(operation => operation.Value!["channel"]!["$ref"]!.GetValue<string>()["#/channels/".Length..])
                .Select(channel => AsyncApi.Channels[channel]!["address"]!.GetValue<string>().Split(':')[1]),
        ];

        // Workers hand chunks to each other.
        Of("send").ShouldBe(AsyncApi.Sent("Events").Select(type => type.Name).Append(nameof(RunChunk)), ignoreOrder: true);
        Of("receive").ShouldBe(AsyncApi.Sent("Messages").Select(type => type.Name), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Schema_OfEveryMessage_IsThatOfTheContract(string name)
    {
        AsyncApi.Messages[name]!["payload"]!["$ref"]!.GetValue<string>().ShouldBe($"#/components/schemas/{name}");
        var exported = ContractsJson.Options.GetJsonSchemaAsNode(TypeOf(name), Exporting);

        Compare(AsyncApi.Schemas[name]!, exported, exported, name);
    }

    [Fact]
    public void Schemas_All_AreOfTypesThatMessagesUse()
    {
        var used = new HashSet<string>(Names.Select(name => name.Data));
        var waiting = new Queue<string>(used);
        while (waiting.TryDequeue(out var name))
        {
            foreach (var other in References(AsyncApi.Schemas[name]).Where(used.Add)) waiting.Enqueue(other);
        }

        AsyncApi.Schemas.Select(schema => schema.Key).ShouldBe(used, ignoreOrder: true);
        foreach (var name in used) typeof(ContractsJson).Assembly.GetType($"Dray.Contracts.{name}").ShouldNotBeNull(name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Examples_OfEveryMessage_AreReadAndValid(string name)
    {
        var validator = await AsyncApi.ValidatorAsync(name, TestContext.Current.CancellationToken);
        var examples = AsyncApi.Messages[name]!["examples"]!.AsArray();

        examples.ShouldNotBeEmpty();
        foreach (var payload in examples.Select(example => example!["payload"]!.ToJsonString()))
        {
            JsonSerializer.Deserialize(payload, TypeOf(name), Strict).ShouldNotBeNull();
            validator.Validate(payload).Select(error => error.ToString()).ShouldBeEmpty();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Samples_OfEveryMessage_AreValid(string name)
    {
        var validator = await AsyncApi.ValidatorAsync(name, TestContext.Current.CancellationToken);
        var sample = Samples.All.Single(sample => sample.GetType().Name == name);

        validator.Validate(JsonSerializer.Serialize(sample, sample.GetType(), ContractsJson.Options)).Select(error => error.ToString()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(nameof(CancelBatch), """{"batch_id":7}""")]
    [InlineData(nameof(CancelBatch), """{}""")]
    [InlineData(nameof(CancelBatch), """{"batch_id":"b","reason":"r"}""")]
    [InlineData(nameof(RunJob), """{"job_id":"a/b","body":{}}""")]
    [InlineData(nameof(RunJob), """{"job_id":"a","body":{},"priority":"urgent"}""")]
    [InlineData(nameof(SubmitBatch), """{"batch_id":"b","expires_at":"tomorrow"}""")]
    [InlineData(nameof(BatchProgress), """{"batch_id":"b","request_counts":{"total":"1"},"usage":{}}""")]
    public async Task Schema_OfAWrongMessage_RefusesIt(string name, string json)
    {
        var validator = await AsyncApi.ValidatorAsync(name, TestContext.Current.CancellationToken);

        validator.Validate(json).ShouldNotBeEmpty();
    }

    private static Type TypeOf(string name) => typeof(ContractsJson).Assembly.GetType($"Dray.Contracts.{name}")!;

    // The exporter doesn't say how wide a number is.
    private static JsonNode WithWidth(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(int)) schema["format"] = "int32";
        if (type == typeof(long)) schema["format"] = "int64";
        return schema;
    }

    // Both directions at once: property by property, with types, nullability, values and what is required.
    private static void Compare(JsonNode described, JsonNode exported, JsonNode root, string path)
    {
        var (schema, orNull) = AsyncApi.Resolve(described);
        var actual = Follow(exported, root);
        if (actual is not JsonObject contract)
        {
            // Any JSON, such as a request's body, is described as the object that it has to be.
            Types(schema, orNull).ShouldBe(["object"], path);
            return;
        }

        if (contract["enum"] is JsonArray values)
        {
            schema["enum"]!.AsArray().Select(value => value!.GetValue<string>()).ShouldBe(values.Select(value => value!.GetValue<string>()), ignoreOrder: true, path);
            return;
        }

        Types(schema, orNull).ShouldBe(Types(contract, orNull: false), path);
        if (contract["format"] is { } format) schema["format"]!.GetValue<string>().ShouldBe(format.GetValue<string>(), path);
        if (contract["items"] is { } items) Compare(schema["items"]!, items, root, path + "[]");
        if (contract["additionalProperties"] is JsonObject others) Compare(schema["additionalProperties"]!, others, root, path + "{}");
        if (contract["properties"] is not JsonObject properties) return;

        Strings(schema["required"]).ShouldBe(Strings(contract["required"]), ignoreOrder: true, path);
        schema["properties"]!.AsObject().Select(property => property.Key).ShouldBe(properties.Select(property => property.Key), ignoreOrder: true, path);
        foreach (var (name, property) in properties)
        {
            var here = schema["properties"]![name]!;
            here["description"].ShouldNotBeNull($"{path}.{name} has no description.");
            Compare(here, property!, root, $"{path}.{name}");
        }
    }

    // The exporter points at what it has described before by the path to it.
    private static JsonNode? Follow(JsonNode node, JsonNode root)
    {
        if (node is not JsonObject schema || schema["$ref"] is not { } reference) return node;
        var at = root;
        foreach (var step in reference.GetValue<string>().Split('/').Skip(1)) at = at is JsonArray array ? array[int.Parse(step, null)]! : at[step]!;
        return at;
    }

    private static string[] Types(JsonObject schema, bool orNull)
    {
        IEnumerable<string> types = schema["type"] switch
        {
            JsonArray several => several.Select(type => type!.GetValue<string>()),
            { } one => [one.GetValue<string>()],
            null => [],
        };
        return [.. types.Concat(orNull ? ["null"] : []).Distinct().Order(StringComparer.Ordinal)];
    }

    private static string[] Strings(JsonNode? array) => [.. array?.AsArray().Select(item => item!.GetValue<string>()) ?? []];

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject value => value.SelectMany(property => property.Key == "$ref" ? [property.Value!.GetValue<string>().Split('/')[^1]] : References(property.Value)),
        JsonArray array => array.SelectMany(References),
        _ => [],
    };
}
