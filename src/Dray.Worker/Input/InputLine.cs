namespace Dray.Worker.Input;

/// <summary>One line of an input that isn't blank.</summary>
/// <param name="Number">The line's number, from 1; blank lines count.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">How many bytes it has, without its end.</param>
/// <param name="Bytes">Its content; empty where the line is longer than allowed.</param>
internal readonly record struct InputLine(long Number, long Offset, long Length, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Gets a value indicating whether the line is longer than allowed, so that its content was skipped.</summary>
    public bool IsTooLong => Bytes.IsEmpty;
}
