using System.Text.Json;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Compute.Reference;

namespace Dray.Inference.Tests;

public sealed class InferenceEngineTests
{
    private const string Greeting = "What is 2+2? One word.";

    [Theory]
    [InlineData(KvCacheDataType.Float32)]
    [InlineData(KvCacheDataType.BFloat16)]
    [InlineData(KvCacheDataType.Fp8E4M3)]
    public async Task GenerateAsync_SampleJobs_AnswerAsUpstreamDoes(KvCacheDataType dtype)
    {
        await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 4096, KvCacheDtype = dtype });
        var samples = DemoEngine.Samples().ToArray();

        var results = await Task.WhenAll(samples.Select(sample => engine.AnswerAsync(sample.Request)));

        for (var i = 0; i < samples.Length; i++)
        {
            var (choice, expected) = (results[i].Choices.Single(), samples[i].Expected);
            (choice.Content ?? "").ShouldBe(expected.GetProperty("content").GetString(), samples[i].Name);
            var calls = expected.GetProperty("tool_calls").EnumerateArray().ToArray();
            choice.ToolCalls.Select(call => call.Name).ShouldBe(calls.Select(call => call.GetProperty("name").GetString()!), samples[i].Name);
            for (var call = 0; call < calls.Length; call++)
                JsonElement.DeepEquals(JsonElement.Parse(choice.ToolCalls[call].Arguments), calls[call].GetProperty("arguments")).ShouldBeTrue(samples[i].Name);
            choice.FinishReason.ShouldBe(calls.Length > 0 ? FinishReason.ToolCalls : FinishReason.Stop);
        }
    }

    [Fact]
    public async Task GenerateAsync_AnyBatchSizeAndChunking_GivesTheSameAnswers()
    {
        var answers = new List<string[]>();
        foreach (var options in new[]
        {
            new EngineOptions { MaxModelLen = 4096, MaxNumSeqs = 1 },
            new EngineOptions { MaxModelLen = 4096, MaxNumSeqs = 32 },
            new EngineOptions { MaxModelLen = 4096, MaxNumSeqs = 5, MaxNumBatchedTokens = 37 },
        })
        {
            await using var engine = DemoEngine.Load(options);
            var samples = DemoEngine.Samples()
                .Select(sample => sample.Request with { Sampling = sample.Request.Sampling with { Temperature = sample.Name.Length % 2, Seed = 5, MaxTokens = 40 } });
            var results = await Task.WhenAll(samples.Select(request => engine.AnswerAsync(request)));
            answers.Add([.. results.Select(result => JsonSerializer.Serialize(result))]);
        }

        answers[1].ShouldBe(answers[0]);
        answers[2].ShouldBe(answers[0]);
    }

    [Fact]
    public async Task GenerateAsync_ReferenceBackend_AnswersAreIndependentOfBatchAndChunking()
    {
        string[] questions = ["What is 2+2? One word.", "Repeat: blue", "Hello"];
        var answers = new List<string>();
        foreach (var options in new[] { new EngineOptions { MaxModelLen = 64, MaxNumSeqs = 1 }, new EngineOptions { MaxModelLen = 64, MaxNumBatchedTokens = 16 } })
        {
            await using var engine = InferenceEngine.Load(DemoEngine.Folder, new ReferenceBackend(), options);
            var results = await Task.WhenAll(questions.Select(question => engine.AnswerAsync(DemoEngine.Text(question, sampling => sampling with { MaxTokens = 6 }))));
            answers.Add(JsonSerializer.Serialize(results));
        }

        answers[1].ShouldBe(answers[0]);
    }

    [Fact]
    public async Task GenerateAsync_SeveralChoices_DrawDifferentlyAndRepeatably()
    {
        await using var engine = DemoEngine.Load();
        var request = DemoEngine.Text("Tell me something.", sampling => sampling with { Temperature = 2, N = 4, Seed = 11, MaxTokens = 12 });

        var first = await engine.AnswerAsync(request);
        var second = await engine.AnswerAsync(request);

        first.Choices.Select(choice => choice.Content).Distinct().Count().ShouldBeGreaterThan(1);
        second.Choices.Select(choice => choice.Content).ShouldBe(first.Choices.Select(choice => choice.Content));
        first.CompletionTokens.ShouldBeInRange(4, 48);
    }

    [Fact]
    public async Task GenerateAsync_StopString_EndsBeforeIt()
    {
        await using var engine = DemoEngine.Load();
        var whole = (await engine.AnswerAsync(DemoEngine.Text(Greeting))).Choices.Single();
        whole.Content.ShouldBe("Four");

        var stopped = (await engine.AnswerAsync(DemoEngine.Text(Greeting, sampling => sampling with { Stop = ["ou"] }))).Choices.Single();

        (stopped.Content, stopped.FinishReason).ShouldBe(("F", FinishReason.Stop));
    }

    [Fact]
    public async Task GenerateAsync_MaxTokens_EndsWithLength()
    {
        await using var engine = DemoEngine.Load();

        var result = await engine.AnswerAsync(DemoEngine.Text(Greeting, sampling => sampling with { MaxTokens = 3, IgnoreEos = true }));

        (result.Choices.Single().FinishReason, result.CompletionTokens).ShouldBe((FinishReason.Length, 3));
    }

    [Fact]
    public async Task GenerateAsync_MoreTokensThanTheContext_IsRefusedWithBothNumbers()
    {
        await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 256 });

        var rejected = await Should.ThrowAsync<RequestRejectedException>(
            () => engine.AnswerAsync(DemoEngine.Text(string.Concat(Enumerable.Repeat("many words ", 200)))));

        rejected.Code.ShouldBe(RequestErrorCodes.ContextLengthExceeded);
        rejected.Message.ShouldContain("256");
    }

    [Fact]
    public async Task GenerateAsync_Cancelled_FreesItsPlace()
    {
        await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 4096, MaxNumSeqs = 1 });
        using var cancellation = new CancellationTokenSource();
        var endless = engine.GenerateAsync(DemoEngine.Text(Greeting, sampling => sampling with { MaxTokens = 4000, IgnoreEos = true }), cancellation.Token);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => endless);
        (await engine.AnswerAsync(DemoEngine.Text(Greeting))).Choices.Single().Content.ShouldBe("Four");
    }

    [Fact]
    public async Task DisposeAsync_RequestsInFlight_FailInsteadOfHanging()
    {
        var engine = DemoEngine.Load();
        var endless = engine.AnswerAsync(DemoEngine.Text(Greeting, sampling => sampling with { MaxTokens = 4000, IgnoreEos = true }));
        var other = engine.AnswerAsync(DemoEngine.Text(Greeting));
        await other;

        await engine.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => endless);
    }

    [Fact]
    public void Load_ContextBeyondTheCheckpoints_NamesTheOption() =>
        Should.Throw<EngineConfigurationException>(() => DemoEngine.Load(new EngineOptions { MaxModelLen = 40_000 }))
            .Message.ShouldContain("max_model_len is 40000");

    [Fact]
    public void Load_TokenizerOfALargerModel_IsRefused()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(DemoEngine.Folder)) File.Copy(file, folder[Path.GetFileName(file)]);
        var tekken = folder["tekken.json"];
        File.WriteAllText(tekken, File.ReadAllText(tekken)
            .Replace("\"default_num_special_tokens\": 64", "\"default_num_special_tokens\": 1064", StringComparison.Ordinal)
            .Replace("\"default_vocab_size\": 4096", "\"default_vocab_size\": 5096", StringComparison.Ordinal));

        Should.Throw<CheckpointException>(() => InferenceEngine.Load(folder.Path, new CpuBackend(), new EngineOptions())).Message.ShouldContain("5096");
    }
}
