namespace Dray.Inference.Sampling.Grammar;

/// <summary>Finds the tokens that may stand anywhere in a JSON string: no quote, backslash or control character, and the start of valid UTF-8.</summary>
internal static class FreeTextTokens
{
    /// <summary>Sets the bits of such tokens, and tells the nodes that lead to such tokens only.</summary>
    public static bool[] Mark(TokenTrie trie, ulong[] tokens)
    {
        var nodes = trie.Labels.Length;
        var isText = new bool[nodes];
        for (var node = nodes - 1; node >= 0; node--)
        {
            var all = trie.Tokens[node] < 0 || IsText(trie.Bytes(trie.Tokens[node]));
            if (all && trie.Tokens[node] >= 0) TokenMask.Set(tokens, trie.Tokens[node]);
            for (var child = node + 1; all && child < trie.SubtreeEnds[node]; child = trie.SubtreeEnds[child]) all = isText[child];
            isText[node] = all;
        }

        return isText;
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var status = System.Text.Rune.DecodeFromUtf8(bytes, out var rune, out var length);
            if (status == System.Buffers.OperationStatus.InvalidData) return false;
            if (status == System.Buffers.OperationStatus.NeedMoreData) return true;
            if (rune.Value < 0x20 || rune.Value is '"' or '\\') return false;
            bytes = bytes[length..];
        }

        return true;
    }
}
