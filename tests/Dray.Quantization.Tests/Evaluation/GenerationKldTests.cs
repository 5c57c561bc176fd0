using System.Text.Json;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class GenerationKldTests
{
    [Fact]
    public void Evaluate_SmolLm2Quantized_FollowsUpstreamsTrajectory()
    {
        var golden = JsonElement.Parse(File.ReadAllText(SharedFolder.Require("goldens", "eval", "generation-kld.json"))).GetProperty("prompts")[0];
        var options = new GenerationKldOptions { PromptLengths = [golden.GetProperty("prompt_length").GetInt32()], Tokens = 32, Prompts = 1 };

        // The golden is float32's, so a path is taken that rounds no inputs.
        using var backend = CpuPaths.Float32();
        using var reference = LanguageModel.Load(SmolLm2.Folder("base"), backend);
        using var model = LanguageModel.Load(SmolLm2.Folder("w4a16-rtn"), backend);
        var prompts = GenerationPrompts.OfText(SmolLm2.Text(reference), options);
        var trajectories = Trajectories.Generate(reference, prompts, options, cancellationToken: TestContext.Current.CancellationToken);

        var report = new GenerationKldEvaluator(model).Evaluate(trajectories, cancellationToken: TestContext.Current.CancellationToken);

        var length = report.Lengths.ShouldHaveSingleItem();
        var prompt = length.Prompts.ShouldHaveSingleItem();
        prompt.Generated.ShouldBe(golden.GetProperty("generated").EnumerateArray().Select(token => token.GetInt32()));
        var expected = golden.GetProperty("w4a16_rtn").GetProperty("kld").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        for (var step = 0; step < expected.Length; step++)
        {
            prompt.Steps[step].Full.ShouldBe(expected[step], 1e-4 + (5e-4 * expected[step]), $"step {step}");
            prompt.Gaps[step].ShouldBe(golden.GetProperty("top2_gap")[step].GetSingle(), 1e-3f, $"step {step}");
        }

        length.Step0.ShouldBe(expected[0], 1e-4 + (5e-4 * expected[0]));
        length.Mean.ShouldBe(expected.Average(), 1e-4);
        length.LaterMean!.Value.ShouldBe(expected.Skip(1).Average(), 1e-4);
    }

    [Fact]
    public void Evaluate_SeveralPrompts_AreWhatEachIsAlone()
    {
        using var backend = new CpuBackend();
        using var model = DemoModel.Load(backend);
        var together = Run(model, new GenerationKldOptions { PromptLengths = [20, 40], Tokens = 5, Prompts = 3 });
        var alone = Run(model, new GenerationKldOptions { PromptLengths = [40], Tokens = 5, Prompts = 1 });

        together.Lengths.Select(length => (length.PromptLength, length.Prompts.Count, length.Steps.Count)).ShouldBe([(20, 3, 5), (40, 3, 5)]);
        together.Lengths[1].Prompts[0].Generated.ShouldBe(alone.Lengths[0].Prompts[0].Generated);
        together.Lengths[1].Prompts[0].Gaps.ShouldBe(alone.Lengths[0].Prompts[0].Gaps);
        together.Lengths.ShouldAllBe(length => length.Mean < 1e-6 && length.SameTopPercent == 100);
    }

    [Fact]
    public void OfText_TextTooShort_SaysHowManyTokensAreNeeded() =>
        Should.Throw<ArgumentException>(() => GenerationPrompts.OfText(new int[8000], new GenerationKldOptions { Prompts = 2 })).Message.ShouldBe(
            "The text has 8000 tokens, but 2 prompts, one every 8192 tokens, need 9216; give a longer text or fewer --prompts.");

    [Fact]
    public void Validate_WrongNumbers_NamesThem()
    {
        Refusal(new GenerationKldOptions { PromptLengths = [] }).ShouldContain("lengths are ''");
        Refusal(new GenerationKldOptions { PromptLengths = [128, 128] }).ShouldContain("different numbers");
        Refusal(new GenerationKldOptions { Tokens = 0 }).ShouldContain("The tokens to generate are 0");
        Refusal(new GenerationKldOptions { Prompts = 65 }).ShouldContain("The prompts of each length are 65");
        Refusal(new GenerationKldOptions { Tokens = 1025 }).ShouldContain("more than the 2048 that a sequence may have");

        static string Refusal(GenerationKldOptions options) => Should.Throw<ArgumentException>(() => options.Validate(context: 2048)).Message;
    }

    private static GenerationKldReport Run(LanguageModel model, GenerationKldOptions options)
    {
        var prompts = GenerationPrompts.Synthetic(model.Tokenizer, options);
        var trajectories = Trajectories.Generate(model, prompts, options, cancellationToken: TestContext.Current.CancellationToken);
        return new GenerationKldEvaluator(model).Evaluate(trajectories, cancellationToken: TestContext.Current.CancellationToken);
    }
}
