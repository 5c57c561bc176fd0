using Dray.Inference.Compute;

namespace Dray.Inference.Tests.Compute;

public sealed class AttentionLayoutTests
{
    [Fact]
    public void Add_SecondChunk_ContinuesInTheSequencesBlocks()
    {
        var layout = new AttentionLayout();
        layout.Add([7, 3], contextBefore: 15, tokens: 3);
        layout.Add([5], contextBefore: 0, tokens: 2);

        layout.Slots.ToArray().ShouldBe([(7 * 16) + 15, 3 * 16, (3 * 16) + 1, 5 * 16, (5 * 16) + 1]);
        layout.BlockTable.ToArray().ShouldBe([7, 3, 5]);
        layout.Sequences[1].ShouldBe(new SequenceSpan(FirstToken: 3, Tokens: 2, ContextBefore: 0, FirstBlock: 2));
    }
}
