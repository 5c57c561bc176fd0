namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>
/// A kind of weights on their way from memory to fragments, and the inline PTX for it: every member emits code. Where two blocks are in
/// flight, even and odd ones have registers of their own (parity).
/// </summary>
internal interface IWeightStream
{
    /// <summary>Gets the bytes of a strip's weights in a block of 128 inputs.</summary>
    int BlockBytes { get; }

    /// <summary>Gets the bytes of a strip's scales in a block; 0 if there are none.</summary>
    int ScaleBytes { get; }

    /// <summary>Gets the bytes of scales that a lane takes.</summary>
    int ScaleLaneBytes { get; }

    /// <summary>How many blocks are in flight: 2 where the sums of the tile's octets leave registers for them, or 1.</summary>
    int BlocksAhead(int octets);

    /// <summary>Declares registers.</summary>
    void Declare();

    /// <summary>Starts loading what the first steps of a block need.</summary>
    /// <param name="parity">0 or 1, a constant.</param>
    /// <param name="strip0">Where the lane's weights of the block begin in the warp's first strip.</param>
    /// <param name="strip1">The same in its second one.</param>
    void Start(int parity, long strip0, long strip1);

    /// <summary>Starts loading a block's scales.</summary>
    void StartScales(int parity, long strip0, long strip1);

    /// <summary>Whether a new scale begins at a step.</summary>
    bool HasScale(int step);

    /// <summary>Puts the ratios of old and new scale into r0..r3.</summary>
    void Scale(int parity, int step);

    /// <summary>Puts the last scales into r0..r3 and forgets them.</summary>
    void LastScale();

    /// <summary>Whether nothing of a block's scales is needed after a step.</summary>
    bool EndsScales(int step);

    /// <summary>Takes the 32 inputs of a step from the registers they were loaded to.</summary>
    void Select(int parity, int step);

    /// <summary>Whether a step frees registers, so that <see cref="Reload"/> can follow.</summary>
    bool Reloads(int step);

    /// <summary>How far ahead <see cref="Reload"/> reads, in steps of 32 inputs.</summary>
    int Ahead(int blocks);

    /// <summary>Loads what the registers freed by a step hold next.</summary>
    void Reload(int parity, int step, long strip0, long strip1);

    /// <summary>Makes fragments a0..a15 of what was selected.</summary>
    void Unpack();
}
