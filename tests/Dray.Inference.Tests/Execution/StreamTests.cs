using System.Text;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Tokenization;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Execution;

/// <summary>A stream's pieces, joined, are the answer that comes in one piece.</summary>
public sealed class StreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StreamAsync_SampleJobs_PiecesJoinToTheWholeAnswer()
    {
        await using var engine = DemoEngine.Load();
        foreach (var (name, request, _) in DemoEngine.Samples())
        {
            var whole = await engine.AnswerAsync(request);
            var pieces = await engine.StreamAsync(request, Token).ToListAsync(Token);

            Text(pieces, 0).ShouldBe(whole.Choices[0].Content ?? "", name);
            pieces.SelectMany(piece => piece.ToolCalls).ShouldBe(whole.Choices[0].ToolCalls, name);
            pieces.Count(piece => piece.Result is not null).ShouldBe(1, name);
            pieces[^1].FinishReason.ShouldBe(whole.Choices[0].FinishReason, name);
            pieces[^1].Result!.CompletionTokens.ShouldBe(whole.CompletionTokens, name);
        }
    }

    [Fact]
    public async Task StreamAsync_SeveralChoicesWithLogProbs_EachChoiceIsWholeAndEndsOnce()
    {
        await using var engine = DemoEngine.Load();
        var request = DemoEngine.Text("Write a word.", sampling => sampling with { N = 3, Temperature = 1.5f, Seed = 7, LogProbs = 2, MaxTokens = 24 });
        var whole = await engine.AnswerAsync(request);

        var pieces = await engine.StreamAsync(request, Token).ToListAsync(Token);

        for (var choice = 0; choice < 3; choice++)
        {
            Text(pieces, choice).ShouldBe(whole.Choices[choice].Content ?? "");
            pieces.Where(piece => piece.Choice == choice).SelectMany(piece => piece.LogProbs).Select(token => (token.Id, token.LogProb, token.Top.Count))
                .ShouldBe(whole.Choices[choice].LogProbs!.Select(token => (token.Id, token.LogProb, token.Top.Count)));
            pieces.Where(piece => piece.Choice == choice).Select(piece => piece.FinishReason).Where(reason => reason is not null)
                .ShouldBe([whole.Choices[choice].FinishReason]);
        }

        pieces[^1].Result.ShouldNotBeNull().Choices.Select(choice => choice.Content).ShouldBe(whole.Choices.Select(choice => choice.Content));
    }

    /// <summary>What might begin a stop string is held back until it is known not to be one.</summary>
    [Fact]
    public async Task StreamAsync_StopStringInsideTheAnswer_NothingOfItIsEverGiven()
    {
        await using var engine = DemoEngine.Load();
        var (_, request, _) = DemoEngine.Samples().First();
        var full = (await engine.AnswerAsync(request)).Choices[0].Content!;
        var stop = full.Substring(full.Length / 2, 5);
        request = request with { Sampling = request.Sampling with { Stop = [stop] } };

        var pieces = await engine.StreamAsync(request, Token).ToListAsync(Token);

        Text(pieces, 0).ShouldBe(full[..full.IndexOf(stop, StringComparison.Ordinal)]);
        pieces[^1].FinishReason.ShouldBe(FinishReason.Stop);
    }

    /// <summary>Where each step waits for the piece before to be read, each token is a piece.</summary>
    [Fact]
    public async Task StreamAsync_ReaderKeepsUp_EveryTokenIsAPieceOfItsOwn()
    {
        using var steps = new SemaphoreSlim(1);
        var backend = new InterceptedBackend(new CpuBackend(), operation =>
        {
            if (operation == nameof(IComputeBackend.Gather)) steps.Wait(Token);
        });
        await using var engine = DemoEngine.Load(backend: backend);
        var request = DemoEngine.Text("What is 2+2? One word.", sampling => sampling with { LogProbs = 0 });

        var pieces = new List<GenerationUpdate>();
        await foreach (var update in engine.StreamAsync(request, Token))
        {
            pieces.Add(update);
            steps.Release();
        }

        pieces.Count.ShouldBe(pieces[^1].Result!.CompletionTokens);
        pieces.ShouldAllBe(piece => piece.LogProbs.Count == 1);
    }

    /// <summary>The loop doesn't wait for a reader: what it hasn't read comes at once, in one piece.</summary>
    [Fact]
    public async Task StreamAsync_ReaderIsSlow_TheRestComesInOnePiece()
    {
        await using var engine = DemoEngine.Load();
        await using var stream = engine.StreamAsync(Long(200), Token).GetAsyncEnumerator(Token);
        (await stream.MoveNextAsync()).ShouldBeTrue();
        var text = new StringBuilder(stream.Current.Text);
        while (engine.Statistics.HasWork) await engine.AnswerAsync(DemoEngine.Text("What is 2+2? One word."));

        (await stream.MoveNextAsync()).ShouldBeTrue();

        stream.Current.Result.ShouldNotBeNull().Choices[0].Content.ShouldBe(text.Append(stream.Current.Text).ToString());
        (await stream.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task StreamAsync_ReaderLeaves_TheSequenceLeavesTheEngine()
    {
        await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 4096, EnablePrefixCaching = false });
        await foreach (var update in engine.StreamAsync(Long(4000), Token)) break;

        await engine.AnswerAsync(DemoEngine.Text("What is 2+2? One word."));

        engine.Statistics.ShouldSatisfyAllConditions(now => now.HasWork.ShouldBeFalse(), now => now.KvBlocksUsed.ShouldBe(0));
    }

    [Fact]
    public async Task StreamAsync_Cancelled_Throws()
    {
        await using var engine = DemoEngine.Load();
        using var cancellation = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in engine.StreamAsync(Long(4000), cancellation.Token)) await cancellation.CancelAsync();
        });
    }

    [Fact]
    public async Task StreamAsync_RequestIsRefused_ThrowsBeforeTheFirstPiece()
    {
        await using var engine = DemoEngine.Load();
        var request = DemoEngine.Text("Hello", sampling => sampling with { MaxTokens = 5000 });

        var refused = await Should.ThrowAsync<RequestRejectedException>(async () => await engine.StreamAsync(request, Token).FirstAsync(Token));

        refused.Code.ShouldBe(RequestErrorCodes.ContextLengthExceeded);
    }

    /// <summary>A bare text is the start token and the text's tokens, nothing else; the model's own chat format written out is the chat.</summary>
    [Fact]
    public async Task GenerateAsync_TextPromptsAndIds_AreTakenAsTheyStand()
    {
        await using var engine = DemoEngine.Load();
        var tokenizer = TekkenTokenizer.Load(Path.Combine(DemoEngine.Folder, "tekken.json"));
        var chat = DemoEngine.Text("What is 2+2? One word.");
        int[] ids = [tokenizer.Bos, tokenizer.Special("[INST]"), .. tokenizer.Encode("What is 2+2? One word."), tokenizer.Special("[/INST]")];

        var fromChat = await engine.AnswerAsync(chat);
        var fromIds = await engine.AnswerAsync(chat with { Prompt = new TextPrompt(ids) });
        var fromText = await engine.AnswerAsync(chat with { Prompt = new TextPrompt("What is 2+2?") });

        (fromIds.Choices[0].Content, fromIds.PromptTokens).ShouldBe((fromChat.Choices[0].Content, fromChat.PromptTokens));
        fromText.PromptTokens.ShouldBe(tokenizer.Encode("What is 2+2?").Length + 1);
    }

    [Theory]
    [InlineData(new int[0], "no tokens")]
    [InlineData(new[] { 1, -1 }, "-1")]
    [InlineData(new[] { 1, 1_000_000 }, "1000000")]
    public async Task GenerateAsync_IdsThatTheModelHasNot_AreRefused(int[] ids, string named)
    {
        await using var engine = DemoEngine.Load();

        var refused = await Should.ThrowAsync<RequestRejectedException>(() => engine.AnswerAsync(new GenerationRequest { Prompt = new TextPrompt(ids) }));

        refused.ShouldSatisfyAllConditions(e => e.Param.ShouldBe("prompt"), e => e.Message.ShouldContain(named));
    }

    private static GenerationRequest Long(int tokens) =>
        DemoEngine.Text("Caption this image.", sampling => sampling with { MaxTokens = tokens, LogitBias = new Dictionary<int, float> { [2] = float.NegativeInfinity } });

    private static string Text(IEnumerable<GenerationUpdate> pieces, int choice) =>
        string.Concat(pieces.Where(piece => piece.Choice == choice).Select(piece => piece.Text));
}
