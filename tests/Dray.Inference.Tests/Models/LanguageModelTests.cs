using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;

namespace Dray.Inference.Tests.Models;

public sealed class LanguageModelTests
{
    private const string Text = "An invoice from Nova Energy of 12 May, and one more from somebody else, who sends none as a rule but did so on this day.";

    [Fact]
    public void Run_SeveralTexts_GivesEachTheLogitsItHasAlone()
    {
        using var backend = new CpuBackend();
        using var model = Load(backend);
        var ids = model.Tokenizer.Encode(Text)[..30];
        model.Run(ids, texts: 3);
        var together = Copy(model.Logits(0, 30));

        for (var text = 0; text < 3; text++)
        {
            model.Run(ids.AsSpan(text * 10, 10));
            Copy(model.Logits(0, 10)).ShouldBe(together[(text * 10)..((text + 1) * 10)]);
        }
    }

    [Fact]
    public void Continue_TokenByToken_GivesTheLogitsOfTheWholeText()
    {
        using var backend = new CpuBackend();
        using var model = Load(backend);
        var ids = model.Tokenizer.Encode(Text)[..20];
        model.Run(ids);
        var whole = Copy(model.Logits(0, 20));

        model.Run([.. ids[..15], .. ids[..15]], texts: 2, room: 20);
        for (var position = 15; position < 20; position++)
        {
            model.Continue([ids[position], ids[position]]);
            var logits = Copy(model.Logits(0, 2));
            logits[0].ShouldBe(whole[position]);
            logits[1].ShouldBe(whole[position]);
        }
    }

    [Fact]
    public void Continue_BeyondTheRoom_IsRefused()
    {
        using var backend = new CpuBackend();
        using var model = Load(backend);
        model.Run([1, 2, 3], room: 4);
        model.Continue([4]);

        Should.Throw<ArgumentOutOfRangeException>(() => model.Continue([5]));
        Should.Throw<ArgumentException>(() => model.Continue([5, 6]));
        Should.Throw<ArgumentOutOfRangeException>(() => model.Run(new int[model.ContextLength + 1]));
    }

    private static LanguageModel Load(CpuBackend backend) => LanguageModel.Load(Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo"), backend);

    private static float[][] Copy(LogitRows rows) => [.. Enumerable.Range(0, rows.Count).Select(row => rows[row].ToArray())];
}
