namespace Dray.Inference.Tokenization;

/// <summary>Ids of tool calls: nine ASCII letters and digits.</summary>
internal static class ToolCallIds
{
    /// <summary>The number of characters.</summary>
    public const int Length = 9;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Whether a text is such an id.</summary>
    public static bool IsValid(ReadOnlySpan<char> id)
    {
        if (id.Length != Length) return false;
        foreach (var character in id)
        {
            if (!char.IsAsciiLetterOrDigit(character)) return false;
        }

        return true;
    }

    /// <summary>A new id from a seeded generator, so that a request repeated gives the same answer.</summary>
    public static string Next(Random random) => string.Create(Length, random, static (id, random) => random.GetItems(Alphabet, id));
}
