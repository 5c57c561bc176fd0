using System.Text;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Turns one sequence's ids into text as they come. Bytes of an unfinished character are held back until it is finished or known
/// to be malformed; a special token ends what is held back. The pieces joined are what
/// <see cref="TekkenTokenizer.Decode(ReadOnlySpan{int}, SpecialTokenPolicy)"/> gives for all ids at once. Not for use by several
/// threads.
/// </summary>
public sealed class IncrementalDetokenizer
{
    private const int MostHeldBytes = 3;
    private readonly TekkenTokenizer _tokenizer;
    private readonly SpecialTokenPolicy _policy;
    private readonly byte[] _bytes;
    private int _held;

    /// <summary>Starts an empty sequence.</summary>
    public IncrementalDetokenizer(TekkenTokenizer tokenizer, SpecialTokenPolicy policy = SpecialTokenPolicy.Ignore)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _policy = policy;
        _bytes = new byte[tokenizer.LongestTokenBytes + MostHeldBytes];
    }

    /// <summary>The text that <paramref name="id"/> completes, often empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id isn't in the vocabulary.</exception>
    public string Append(int id)
    {
        var token = _tokenizer.TokenBytes(id).Span;
        if (_tokenizer.IsSpecial(id))
        {
            var before = Flush();
            if (_policy == SpecialTokenPolicy.Ignore) return before;
            var name = _tokenizer.SpecialName(id);
            return before.Length == 0 ? name : before + name;
        }

        token.CopyTo(_bytes.AsSpan(_held));
        var all = _bytes.AsSpan(0, _held + token.Length);
        _held = UnfinishedBytes(all);
        var text = Encoding.UTF8.GetString(all[..^_held]);
        all[^_held..].CopyTo(_bytes);
        return text;
    }

    /// <summary>What is held back, malformed as it is; afterwards nothing is held back.</summary>
    public string Flush()
    {
        var text = Encoding.UTF8.GetString(_bytes.AsSpan(0, _held));
        _held = 0;
        return text;
    }

    /// <summary>How many bytes at the end may still become a character, 0 to 3.</summary>
    private static int UnfinishedBytes(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= MostHeldBytes && back <= text.Length; back++)
        {
            var lead = text[^back];
            if (lead is >= 0x80 and < 0xC0) continue;
            var needed = lead switch { >= 0xC2 and < 0xE0 => 2, >= 0xE0 and < 0xF0 => 3, >= 0xF0 and < 0xF5 => 4, _ => 0 };
            if (back >= needed) return 0;
            return back == 1 || SecondMayFollow(lead, text[^(back - 1)]) ? back : 0;
        }

        return 0;
    }

    /// <summary>
    /// Whether a continuation byte may come second. Encoded surrogates (ED A0 to ED BF) are let through until they are whole, as
    /// Python's incremental decoder does; they become U+FFFD all the same.
    /// </summary>
    private static bool SecondMayFollow(byte lead, byte second) => lead switch
    {
        0xE0 => second >= 0xA0,
        0xF0 => second >= 0x90,
        0xF4 => second < 0x90,
        _ => true,
    };
}
