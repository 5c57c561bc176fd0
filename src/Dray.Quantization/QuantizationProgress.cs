namespace Dray.Quantization;

/// <summary>How far a checkpoint's quantization is.</summary>
/// <param name="Block">The block in progress, or just finished, from 0; the number of blocks where the checkpoint is being written.</param>
/// <param name="Blocks">The model's blocks.</param>
/// <param name="Resumed">The blocks that an earlier run has done.</param>
/// <param name="Iteration">The iterations of the block that are done.</param>
/// <param name="Iterations">The iterations of a block.</param>
/// <param name="Loss">The loss of the last iteration; null where nothing is tuned.</param>
/// <param name="Finished">What became of the block; null while it is in progress.</param>
/// <param name="Elapsed">How long this run has been at work on blocks.</param>
public sealed record QuantizationProgress(
    int Block, int Blocks, int Resumed, int Iteration, int Iterations, double? Loss, BlockReport? Finished, TimeSpan Elapsed)
{
    /// <summary>Gets how much of the model's blocks is done, 0 to 1.</summary>
    public double Share
    {
        get
        {
            var ofBlock = Finished is not null ? 1 : Iterations == 0 ? 0 : Math.Min(1, (double)Iteration / Iterations);
            return Block >= Blocks ? 1 : (Block + ofBlock) / Blocks;
        }
    }

    /// <summary>Gets how long the blocks that are left will take at this run's pace; null where nothing is known of it.</summary>
    public TimeSpan? Left
    {
        get
        {
            var own = Share - ((double)Resumed / Blocks);
            return own > 0 && Share < 1 ? Elapsed / own * (1 - Share) : null;
        }
    }
}
