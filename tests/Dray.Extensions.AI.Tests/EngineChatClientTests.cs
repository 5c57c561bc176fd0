using Dray.Contracts;
using Dray.Inference;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Dray.Extensions.AI.Tests;

public sealed class EngineChatClientTests(DemoEngine demo) : IClassFixture<DemoEngine>
{
    private readonly EngineChatClient _client = demo.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResponseAsync_Prompt_AnswersWithUsageAndFinishReason()
    {
        var response = await _client.GetResponseAsync(Demo.TopicPrompt, Demo.Greedy, Token);

        response.Text.ShouldBe("""{"topic": "food"}""");
        response.FinishReason.ShouldBe(ChatFinishReason.Stop);
        response.ModelId.ShouldBe("dray-demo");
        response.Messages.Single().Role.ShouldBe(ChatRole.Assistant);
        response.Usage!.InputTokenCount!.Value.ShouldBeGreaterThan(20);
        response.Usage.TotalTokenCount.ShouldBe(response.Usage.InputTokenCount + response.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_MaxOutputTokens_EndsForLength()
    {
        var response = await _client.GetResponseAsync(Demo.TopicPrompt, new ChatOptions { Temperature = 0, MaxOutputTokens = 2 }, Token);

        response.FinishReason.ShouldBe(ChatFinishReason.Length);
        response.Usage!.OutputTokenCount.ShouldBe(2);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Picture_PiecesAreTheCaption()
    {
        var updates = await _client.GetStreamingResponseAsync([await Demo.LetterAsync()], Demo.Greedy, Token).ToListAsync(Token);

        string.Concat(updates.Select(update => update.Text)).ShouldBe(Demo.LetterCaption);
        updates.Select(update => update.ResponseId).Distinct().Count().ShouldBe(1);
        updates[^1].FinishReason.ShouldBe(ChatFinishReason.Stop);
        updates.SelectMany(update => update.Contents).OfType<UsageContent>().Single().Details.InputTokenCount!.Value.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task GetResponseAsync_OfType_IsAnObjectOfIt()
    {
        var response = await _client.GetResponseAsync<Topic>(Demo.TopicPrompt, Demo.Greedy, cancellationToken: Token);

        response.Result.ShouldBe(new Topic("food"));
    }

    [Fact]
    public async Task GetResponseAsync_FunctionInvocation_CallsTheFunctionAndGoesOn()
    {
        var calls = new List<string>();
        var options = Demo.Greedy;
        options.Tools = [Demo.Invoices(calls)];
        var client = new ChatClientBuilder(_client).UseFunctionInvocation(configure: invoking => invoking.MaximumIterationsPerRequest = 2).Build();

        var response = await client.GetResponseAsync(Demo.InvoicePrompt, options, Token);

        calls[0].ShouldBe("8730");
        var contents = response.Messages.SelectMany(message => message.Contents).ToArray();
        var call = contents.OfType<FunctionCallContent>().First();
        call.Name.ShouldBe("get_invoice");
        contents.OfType<FunctionResultContent>().First().CallId.ShouldBe(call.CallId);
        response.Messages[^1].Role.ShouldBe(ChatRole.Assistant);
    }

    [Fact]
    public async Task GetResponseAsync_ToolModes_AreObeyed()
    {
        var options = Demo.Greedy;
        options.Tools = [Demo.Invoices([])];
        options.ToolMode = ChatToolMode.RequireSpecific("get_invoice");
        var named = await _client.GetResponseAsync(Demo.TopicPrompt, options, Token);
        options.ToolMode = ChatToolMode.None;
        var none = await _client.GetResponseAsync(Demo.InvoicePrompt, options, Token);

        named.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        named.Messages[0].Contents.OfType<FunctionCallContent>().First().Arguments!.Keys.ShouldBe(["number"]);
        none.Messages[0].Contents.ShouldNotContain(content => content is FunctionCallContent);
    }

    [Fact]
    public async Task GetResponseAsync_AdditionalProperties_GoIntoTheBody()
    {
        var options = Demo.Greedy;
        options.AdditionalProperties = new() { ["guided_choice"] = new[] { "yes please", "no thanks" } };

        var response = await _client.GetResponseAsync("Anything else?", options, Token);

        response.Text.ShouldBeOneOf("yes please", "no thanks");
    }

    [Fact]
    public async Task GetResponseAsync_RequestAtFault_ThrowsCodeStatusAndField()
    {
        var broken = new ChatMessage(ChatRole.User, [new DataContent("not a picture"u8.ToArray(), "image/png")]);
        var picture = await Should.ThrowAsync<ChatRefusedException>(() => _client.GetResponseAsync([broken], Demo.Greedy, Token));
        var value = await Should.ThrowAsync<ChatRefusedException>(() => _client.GetResponseAsync("hello", new ChatOptions { Temperature = 9 }, Token));

        (picture.Code, picture.StatusCode).ShouldBe((ErrorCodes.ImageInvalid, 400));
        (value.Code, value.StatusCode, value.Param).ShouldBe((ErrorCodes.InvalidRequest, 400, "temperature"));
    }

    [Fact]
    public async Task GetResponseAsync_Cancelled_LeavesTheEngine()
    {
        var engine = _client.GetService<IInferenceEngine>()!;
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = new ChatOptions { AdditionalProperties = new() { ["ignore_eos"] = true } };
        var asked = _client.GetResponseAsync("Go on for ever.", options, cancelling.Token);
        while (engine.Statistics.Running == 0 && !asked.IsCompleted) await Task.Yield();

        await cancelling.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asked);
        while (engine.Statistics.KvBlocksUsed > 0)
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        engine.Statistics.Running.ShouldBe(0);
    }

    [Fact]
    public void GetService_Types_AreFound()
    {
        _client.GetService<ChatClientMetadata>()!.DefaultModelId.ShouldBe("dray-demo");
        _client.GetService<EngineChatClient>().ShouldBeSameAs(_client);
        _client.GetService<string>().ShouldBeNull();
        _client.GetService(typeof(EngineChatClient), "key").ShouldBeNull();
    }
}
