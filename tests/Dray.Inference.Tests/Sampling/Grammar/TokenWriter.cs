using System.Buffers;
using System.Text;
using Dray.Inference.Sampling.Grammar;

namespace Dray.Inference.Tests.Sampling.Grammar;

/// <summary>A model without sense: it writes tokens that a constraint allows, and likes odd ones.</summary>
internal sealed class TokenWriter(GrammarVocabulary vocabulary, Random random)
{
    private static readonly SearchValues<byte> Structural = SearchValues.Create("\"\\{}[],:"u8);

    private const int Patience = 120;
    private const int Longest = 3_000;

    private readonly float[] _logits = new float[vocabulary.Tokenizer.VocabularySize + 3];

    /// <summary>Writes until the end token; null where it never came.</summary>
    public string? Write(ITokenConstraint constraint)
    {
        var bytes = new List<byte>();
        var taste = random.Next(4);
        for (var step = 0; step < Longest; step++)
        {
            var id = Choose(constraint, taste, isTired: step > Patience);
            if (vocabulary.IsEnd(id)) return Encoding.UTF8.GetString([.. bytes]);
            bytes.AddRange(vocabulary.Tokenizer.TokenBytes(id).Span);
            constraint.Accept(id);
        }

        return null;
    }

    private int Choose(ITokenConstraint constraint, int taste, bool isTired)
    {
        // Braces close most of what is open, and keep open a text whose pattern waits for a letter: they are liked at every other step.
        var closing = random.Next(2) == 0 ? 5.5f : 5;
        for (var id = 0; id < _logits.Length; id++) _logits[id] = random.NextSingle() + Liking(id, taste, isTired, closing);
        constraint.Mask(_logits);
        var best = Array.IndexOf(_logits, _logits.Max());
        float.IsNegativeInfinity(_logits[best]).ShouldBeFalse("the constraint leaves no token");
        return best;
    }

    private float Liking(int id, int taste, bool isTired, float closing)
    {
        if (id >= vocabulary.Tokenizer.VocabularySize) return 50;
        if (vocabulary.IsEnd(id)) return isTired ? 100 : -1;
        var bytes = vocabulary.Tokenizer.TokenBytes(id).Span;
        if (bytes.IsEmpty) return 40;
        // Whatever else closes what is open, such as the letter that a pattern waits for, comes by chance.
        if (isTired && bytes.Length == 1) return bytes[0] switch { (byte)'"' => 10, (byte)'}' or (byte)']' => closing, < 0x80 => 5, _ => 0 };
        if (isTired) return 0;
        return taste switch
        {
            0 => 0,
            1 => bytes.IndexOfAny(Structural) >= 0 ? 1 : 0,
            2 => bytes[0] >= 0x80 ? 1 : 0,
            _ => bytes.Length / 8f,
        };
    }
}
