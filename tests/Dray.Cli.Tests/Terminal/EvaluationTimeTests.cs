using Dray.Cli.Terminal;
using Dray.Quantization.Evaluation;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Cli.Tests.Terminal;

public sealed class EvaluationTimeTests
{
    [Fact]
    public void Describe_StagesOneAfterAnother_TellsRateAndTimeLeftOfEach()
    {
        var time = new FakeTimeProvider();
        var words = new EvaluationTime(time, TimeSpan.FromSeconds(10));

        words.Describe(new EvaluationProgress("Perplexity", 0, 40, "chunks", 0)).ShouldBe("Perplexity: 0 of 40 chunks");
        time.Advance(TimeSpan.FromSeconds(5));
        words.Describe(new EvaluationProgress("Perplexity", 5, 40, "chunks", 500)).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(5));
        words.Describe(new EvaluationProgress("Perplexity", 10, 40, "chunks", 1000)).ShouldBe("Perplexity: 10 of 40 chunks, 100 tokens/s, 00:00:30 left");
        time.Advance(TimeSpan.FromSeconds(1));
        words.Describe(new EvaluationProgress("Perplexity", 40, 40, "chunks", 4400)).ShouldBe("Perplexity: 40 of 40 chunks, 400 tokens/s");

        // The same stage once more, of another model.
        words.Describe(new EvaluationProgress("Perplexity", 0, 40, "chunks", 0)).ShouldBe("Perplexity: 0 of 40 chunks");
        time.Advance(TimeSpan.FromSeconds(20));
        words.Describe(new EvaluationProgress("Perplexity", 20, 40, "chunks", 1000)).ShouldBe("Perplexity: 20 of 40 chunks, 50 tokens/s, 00:00:20 left");
    }
}
