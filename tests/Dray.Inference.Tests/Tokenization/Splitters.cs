using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

/// <summary>Runs a splitter over a whole text.</summary>
internal static class Splitters
{
    public static string[] Pieces(ITextSplitter splitter, string text)
    {
        var pieces = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = splitter.PieceEnd(text, start);
            end.ShouldBeInRange(start + 1, text.Length);
            pieces.Add(text[start..end]);
            start = end;
        }

        return [.. pieces];
    }
}
