namespace Dray.Inference.Tokenization;

/// <summary>Cuts text into the pieces within which byte pairs may merge.</summary>
internal interface ITextSplitter
{
    /// <summary>The end of the piece that starts at <paramref name="start"/>: more than it, at most the text's length.</summary>
    /// <param name="text">The whole text, without lone surrogates.</param>
    /// <param name="start">Where the piece starts, before the text's end.</param>
    int PieceEnd(ReadOnlySpan<char> text, int start);
}
