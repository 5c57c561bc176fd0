using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Storage;

public sealed class BatchPathsTests
{
    [Fact]
    public void Paths_OfABatch_AreThoseOfTheLayout()
    {
        BatchPaths.Chunk("b-1", 7).ShouldBe("batches/b-1/chunks/000007.jsonl");
        BatchPaths.Manifest("b-1").ShouldBe("batches/b-1/manifest.json");
        BatchPaths.Job("J_2").ShouldBe("jobs/J_2.json");
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    [InlineData("é")]
    public void Paths_IdThatIsNoName_IsRefused(string id)
    {
        BatchPaths.IsId(id).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => BatchPaths.State(id));
    }

    [Fact]
    public void IsId_Length_HasALimit()
    {
        BatchPaths.IsId(new string('a', 128)).ShouldBeTrue();
        BatchPaths.IsId(new string('a', 129)).ShouldBeFalse();
    }
}
