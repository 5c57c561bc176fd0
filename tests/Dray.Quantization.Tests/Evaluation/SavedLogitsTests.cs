using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class SavedLogitsTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"dray-{Guid.NewGuid():N}.logits");
    private readonly CpuBackend _backend = new();

    [Fact]
    public void Evaluate_SavedBase_IsTheLoadedOnesDivergence()
    {
        // One checkpoint with two KV caches stands for a base and a model.
        using var reference = LanguageModel.Load(DemoModel.Folder, _backend);
        using var model = LanguageModel.Load(DemoModel.Folder, _backend, Inference.Compute.KvCacheDataType.Fp8E4M3);
        var text = Chunks(reference);
        var direct = new KldEvaluator(reference, model).Evaluate(text, cancellationToken: TestContext.Current.CancellationToken);

        var perplexity = new SavedLogitsWriter(reference).Write(_path, text, cancellationToken: TestContext.Current.CancellationToken);

        using var saved = SavedLogits.Open(_path);
        var report = new KldEvaluator(saved, model).Evaluate(text, cancellationToken: TestContext.Current.CancellationToken);
        report.Full.Mean.ShouldBe(direct.Full.Mean, 1e-3 * direct.Full.Mean);
        report.Api.Mean.ShouldBe(direct.Api.Mean, 2e-3 * Math.Abs(direct.Api.Mean));
        for (var i = 0; i < report.Positions.Count; i++)
        {
            report.Positions[i].Full.ShouldBe(direct.Positions[i].Full, 2e-6 + (2e-2 * direct.Positions[i].Full), $"position {i}");
            report.Positions[i].DeltaP.GetValueOrDefault().ShouldBe(direct.Positions[i].DeltaP.GetValueOrDefault(), 2e-4);
        }

        saved.PerplexityOf(text).Chunks.ShouldBe(perplexity.Chunks);
        perplexity.Chunks.ShouldBe(new PerplexityEvaluator(reference).Evaluate(text, cancellationToken: TestContext.Current.CancellationToken).Chunks);
    }

    [Fact]
    public void Evaluate_FewerChunksThanSaved_TakesTheFirst()
    {
        using var model = DemoModel.Load(_backend);
        new SavedLogitsWriter(model).Write(_path, Chunks(model), cancellationToken: TestContext.Current.CancellationToken);

        using var saved = SavedLogits.Open(_path);
        var report = new KldEvaluator(saved, model).Evaluate(Chunks(model, most: 1), cancellationToken: TestContext.Current.CancellationToken);

        (saved.Chunks, report.Positions.Count).ShouldBe((3, 32));
        report.Full.Mean.ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void Evaluate_OtherTextContextOrMoreChunks_IsRefusedWithTheRemedy()
    {
        using var model = DemoModel.Load(_backend);
        new SavedLogitsWriter(model).Write(_path, Chunks(model), cancellationToken: TestContext.Current.CancellationToken);
        using var saved = SavedLogits.Open(_path);
        var ids = model.Tokenizer.Encode(DemoModel.Text);
        var other = ids.ToArray();
        other[150]++;

        Refusal(new TextChunks(other, 64, 3)).ShouldContain("from chunk 2 on");
        Refusal(new TextChunks(ids, 32, 3)).ShouldContain("give --ctx 64");
        Refusal(new TextChunks(ids, 64, 4)).ShouldContain("give --chunks 3");

        string Refusal(TextChunks text) => Should.Throw<EvaluationException>(() => new KldEvaluator(saved, model).Evaluate(text)).Message;
    }

    [Fact]
    public void Open_FileThatIsCutOrSomethingElse_IsRefused()
    {
        using var model = DemoModel.Load(_backend);
        new SavedLogitsWriter(model).Write(_path, Chunks(model), cancellationToken: TestContext.Current.CancellationToken);
        var bytes = File.ReadAllBytes(_path);

        Refusal(bytes[..^1]).ShouldContain($"has {bytes.Length - 1} bytes where 3 chunks of 64 tokens");
        Refusal(bytes[..20]).ShouldContain("is no file of saved logits");
        Refusal([.. "PK"u8, .. bytes[2..]]).ShouldContain("is no file of saved logits");
        Refusal([.. bytes[..8], 255, 255, 255, 127, .. bytes[12..]]).ShouldContain("is no file of saved logits");

        string Refusal(byte[] content)
        {
            File.WriteAllBytes(_path, content);
            return Should.Throw<EvaluationException>(() => SavedLogits.Open(_path)).Message;
        }
    }

    [Fact]
    public void Write_Interrupted_LeavesNothingBehind()
    {
        using var model = DemoModel.Load(_backend);
        var text = Chunks(model);

        Should.Throw<OperationCanceledException>(() => new SavedLogitsWriter(model).Write(_path, text, cancellationToken: new CancellationToken(canceled: true)));

        Directory.GetFiles(Path.GetDirectoryName(_path)!, Path.GetFileName(_path) + "*").ShouldBeEmpty();
    }

    public void Dispose()
    {
        File.Delete(_path);
        _backend.Dispose();
    }

    private static TextChunks Chunks(LanguageModel model, int most = 3) => new(model.Tokenizer.Encode(DemoModel.Text), 64, most);
}
