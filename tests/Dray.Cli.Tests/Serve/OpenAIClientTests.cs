using System.ClientModel;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Chat;

namespace Dray.Cli.Tests.Serve;

/// <summary>OpenAI's own client for .NET against a live server on the demo model.</summary>
[Collection(ServeFixture.Group)]
public sealed class OpenAIClientTests(ServeFixture serve)
{
    private static readonly UserChatMessage Question = new("What is 2+2? One word.");

    private static readonly ChatTool Timer = ChatTool.CreateFunctionTool(
        "set_timer", "Start a timer", BinaryData.FromString("""{"type":"object","properties":{"minutes":{"type":"integer"}},"required":["minutes"]}"""));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ChatClient Chat => new(
        "dray-demo", new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = serve.Endpoint, RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) });

    [Fact]
    public async Task Streaming_AnyQuestion_GivesTheWholeAnswersTextAndUsage()
    {
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 12, Temperature = 0 };
        ChatCompletion whole = await Chat.CompleteChatAsync([Question], options, Token);

        var (text, usage, reason) = ("", (ChatTokenUsage?)null, (ChatFinishReason?)null);
        await foreach (var update in Chat.CompleteChatStreamingAsync([Question], options, Token))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            (usage, reason) = (update.Usage ?? usage, update.FinishReason ?? reason);
        }

        text.ShouldBe(whole.Content[0].Text);
        text.ShouldNotBeEmpty();
        reason.ShouldBe(whole.FinishReason);
        usage!.TotalTokenCount.ShouldBe(whole.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task Tools_Required_AreCalledWholeAndInAStream()
    {
        var options = new ChatCompletionOptions { Tools = { Timer }, ToolChoice = ChatToolChoice.CreateRequiredChoice(), MaxOutputTokenCount = 64, Temperature = 0 };
        ChatCompletion whole = await Chat.CompleteChatAsync([new UserChatMessage("Remind me in 6 minutes.")], options, Token);

        var (name, arguments) = ("", "");
        await foreach (var update in Chat.CompleteChatStreamingAsync([new UserChatMessage("Remind me in 6 minutes.")], options, Token))
        {
            foreach (var call in update.ToolCallUpdates) (name, arguments) = (name + call.FunctionName, arguments + call.FunctionArgumentsUpdate);
        }

        whole.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        whole.ToolCalls.ShouldHaveSingleItem().FunctionName.ShouldBe("set_timer");
        (name, arguments).ShouldBe(("set_timer", whole.ToolCalls[0].FunctionArguments.ToString()));
    }

    [Fact]
    public async Task Picture_AsADataUrl_IsSeen()
    {
        var picture = await File.ReadAllBytesAsync(Path.Combine(SharedFolder.Repository, "samples", "jobs", "images", "sample-invoice.png"), Token);
        var message = new UserChatMessage(
            ChatMessageContentPart.CreateTextPart("Please describe this image in one sentence."),
            ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(picture), "image/png"));

        ChatCompletion completion = await Chat.CompleteChatAsync([message], new ChatCompletionOptions { MaxOutputTokenCount = 64, Temperature = 0 }, Token);

        completion.Content[0].Text.ShouldContain("invoice", Case.Insensitive);
    }

    [Fact]
    public async Task JsonSchema_Strict_IsHeld()
    {
        var schema = BinaryData.FromString("""{"type":"object","properties":{"mood":{"enum":["good","bad"]}},"required":["mood"],"additionalProperties":false}""");
        var options = new ChatCompletionOptions { ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("mood", schema, jsonSchemaIsStrict: true), MaxOutputTokenCount = 40 };

        ChatCompletion completion = await Chat.CompleteChatAsync([new UserChatMessage("The new museum was boring. Never again.")], options, Token);

        JsonNode.Parse(completion.Content[0].Text)!["mood"]!.GetValue<string>().ShouldBeOneOf("good", "bad");
    }

    [Fact]
    public async Task Logprobs_Asked_ComeWithAlternatives()
    {
        var options = new ChatCompletionOptions { IncludeLogProbabilities = true, TopLogProbabilityCount = 3, MaxOutputTokenCount = 4, Temperature = 0 };
        var streamed = new List<float>();

        ChatCompletion completion = await Chat.CompleteChatAsync([Question], options, Token);
        await foreach (var update in Chat.CompleteChatStreamingAsync([Question], options, Token))
            streamed.AddRange(update.ContentTokenLogProbabilities.Select(token => token.LogProbability));

        completion.ContentTokenLogProbabilities.ShouldAllBe(token => token.TopLogProbabilities.Count == 3 && token.LogProbability <= 0);
        streamed.ShouldBe(completion.ContentTokenLogProbabilities.Select(token => token.LogProbability));
    }

    [Fact]
    public async Task Error_OfTheRequest_IsTyped()
    {
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 1_000_000 };

        var error = await Should.ThrowAsync<ClientResultException>(Chat.CompleteChatAsync([Question], options, Token));

        error.Status.ShouldBe(400);
        error.Message.ShouldContain("context_length_exceeded");
    }
}
