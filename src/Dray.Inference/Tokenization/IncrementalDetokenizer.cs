using System.Text;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Turns one sequence's ids into text as they come. Bytes of an unfinished character are held back until it is finished or known
/// to be malformed; a special token ends what is held back. The pieces joined are what <see cref="TekkenTokenizer.Decode(ReadOnlySpan{int}, SpecialTokenPolicy)"/>
/// gives for all ids at once. Not for use by several threads.
/// </summary>
public sealed class IncrementalDetokenizer
{
    private readonly TekkenTokenizer tokenizer;
    private readonly SpecialTokenPolicy policy;
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private readonly char[] characters;

    /// <summary>Starts an empty sequence.</summary>
    public IncrementalDetokenizer(TekkenTokenizer tokenizer, SpecialTokenPolicy policy = SpecialTokenPolicy.Ignore)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        this.tokenizer = tokenizer;
        this.policy = policy;
        characters = new char[Encoding.UTF8.GetMaxCharCount(tokenizer.LongestTokenBytes + 3)];
    }

    /// <summary>The text that <paramref name="id"/> completes, often empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id isn't in the vocabulary.</exception>
    public string Append(int id)
    {
        var bytes = tokenizer.TokenBytes(id).Span;
        if (!tokenizer.IsSpecial(id)) return new string(characters, 0, decoder.GetChars(bytes, characters, flush: false));
        var held = Flush();
        if (policy == SpecialTokenPolicy.Ignore) return held;
        var name = tokenizer.SpecialName(id);
        return held.Length == 0 ? name : held + name;
    }

    /// <summary>What is held back, malformed as it is; afterwards nothing is held back.</summary>
    public string Flush() => new(characters, 0, decoder.GetChars([], characters, flush: true));
}
