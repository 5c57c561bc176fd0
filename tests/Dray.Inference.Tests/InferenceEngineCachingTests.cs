using System.Text.Json;

namespace Dray.Inference.Tests;

/// <summary>Shared beginnings and shared pictures: computed once, and nobody can tell by the answers.</summary>
public sealed class InferenceEngineCachingTests
{
    private static readonly string LongPrefix = string.Concat(Enumerable.Range(0, 60).Select(i => $"An invoice from Nova Energy, number {i}. "));

    [Fact]
    public async Task GenerateAsync_SharedPrefix_IsComputedOnceAndAnswersStayTheSame()
    {
        var requests = Enumerable.Range(0, 12)
            .Select(i => DemoEngine.Text(LongPrefix + $"Question {i}?", sampling => sampling with { Temperature = i % 2, Seed = i, MaxTokens = 16 })).ToArray();
        var answers = new List<string>();
        var computed = new List<long>();
        foreach (var caching in new[] { true, false })
        {
            await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 4096, EnablePrefixCaching = caching });
            var results = await Task.WhenAll(requests.Select(engine.AnswerAsync));
            answers.Add(JsonSerializer.Serialize(results));
            computed.Add(engine.Statistics.PromptTokens);
            (engine.Statistics.SharedTokens > 0).ShouldBe(caching);
        }

        answers[0].ShouldBe(answers[1]);
        computed[0].ShouldBeLessThan(computed[1] / 5);
    }

    [Fact]
    public async Task GenerateAsync_SamplesTwice_PicturesAreEncodedOnceAndAnswersStayTheSame()
    {
        await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 4096, MaxNumSeqs = 4 });
        var samples = DemoEngine.Samples().ToArray();

        var first = await Task.WhenAll(samples.Select(sample => engine.AnswerAsync(sample.Request)));
        var encoded = engine.Statistics.EncodedImages;
        var second = await Task.WhenAll(samples.Select(sample => engine.AnswerAsync(sample.Request)));

        encoded.ShouldBe(8);
        engine.Statistics.EncodedImages.ShouldBe(8);
        JsonSerializer.Serialize(second).ShouldBe(JsonSerializer.Serialize(first));
    }

    [Fact]
    public async Task GenerateAsync_OtherPictureBehindTheSameText_IsNotTakenForIt()
    {
        await using var engine = DemoEngine.Load();
        var (letter, memo) = (DemoEngine.Samples().Single(sample => sample.Name == "sample-letter"), DemoEngine.Samples().Single(sample => sample.Name == "sample-memo"));
        var exchanged = letter.Request with { Images = memo.Request.Images };

        var answers = new[] { await engine.AnswerAsync(letter.Request), await engine.AnswerAsync(exchanged) };

        answers[0].Choices[0].Content.ShouldBe(letter.Expected.GetProperty("content").GetString());
        answers[1].Choices[0].Content.ShouldBe(memo.Expected.GetProperty("content").GetString());
    }

    [Fact]
    public async Task GenerateAsync_BlocksRunOut_AnswersStayTheSame()
    {
        var requests = Enumerable.Range(0, 8)
            .Select(i => DemoEngine.Text($"Repeat: number {i}", sampling => sampling with { MaxTokens = 60, IgnoreEos = true })).ToArray();
        await using var roomy = DemoEngine.Load();
        await using var tight = DemoEngine.Load(new EngineOptions { MaxModelLen = 256, MaxKvTokens = 256 });

        var expected = await Task.WhenAll(requests.Select(roomy.AnswerAsync));
        var answers = await Task.WhenAll(requests.Select(tight.AnswerAsync));

        tight.Statistics.Preemptions.ShouldBeGreaterThan(0);
        JsonSerializer.Serialize(answers).ShouldBe(JsonSerializer.Serialize(expected));
    }
}
