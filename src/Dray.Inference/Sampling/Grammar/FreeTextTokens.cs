using System.Buffers;
using System.Text;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// The tokens that may stand anywhere in a JSON string, by their length: no quote, backslash or control character, and the start of valid
/// UTF-8. Most of a vocabulary is such, so that masks inside strings needn't look at them one by one.
/// </summary>
internal sealed class FreeTextTokens
{
    private readonly ulong[][] _upTo;
    private readonly bool[] _isText;

    public FreeTextTokens(TokenTrie trie)
    {
        var lengths = new int[trie.Vocabulary];
        for (var id = 0; id < lengths.Length; id++) lengths[id] = Length(trie.Bytes(id));
        var longest = Math.Max(0, lengths.Max());
        _upTo = [.. Enumerable.Range(0, longest + 1).Select(_ => new ulong[TokenMask.Words(trie.Vocabulary)])];
        for (var id = 0; id < lengths.Length; id++)
        {
            for (var length = lengths[id]; length > 0 && length <= longest; length++) TokenMask.Set(_upTo[length], id);
        }

        _isText = new bool[trie.Labels.Length];
        for (var node = _isText.Length - 1; node >= 0; node--)
        {
            var all = trie.Tokens[node] < 0 || lengths[trie.Tokens[node]] > 0;
            for (var child = node + 1; all && child < trie.SubtreeEnds[node]; child = trie.SubtreeEnds[child]) all = _isText[child];
            _isText[node] = all;
        }
    }

    /// <summary>The tokens of at most so many characters, one that a token only begins included.</summary>
    public ReadOnlySpan<ulong> UpTo(int characters) => _upTo[Math.Min(characters, _upTo.Length - 1)];

    /// <summary>Whether all tokens of a node's subtree are such.</summary>
    public bool Covers(int node) => _isText[node];

    /// <summary>The characters of a token, or −1 where it isn't free text.</summary>
    private static int Length(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return -1;
        for (var length = 1; ; length++)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed);
            if (status == OperationStatus.NeedMoreData) return length;
            if (status != OperationStatus.Done || rune.Value < 0x20 || rune.Value is '"' or '\\') return -1;
            bytes = bytes[consumed..];
            if (bytes.IsEmpty) return length;
        }
    }
}
