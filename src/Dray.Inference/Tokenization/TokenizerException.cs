namespace Dray.Inference.Tokenization;

/// <summary>A tokenizer file that can't be used. The message names the file, the key, what was expected and what was found.</summary>
public sealed class TokenizerException : Exception
{
    /// <summary>Initializes the exception of one key.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="key">The key at fault, such as <c>vocab[300].rank</c>.</param>
    /// <param name="expected">What belongs there.</param>
    /// <param name="found">What is there.</param>
    /// <param name="innerException">What caused it, or null.</param>
    public TokenizerException(string file, string key, string expected, string found, Exception? innerException = null)
        : base($"The tokenizer file '{file}' can't be used: '{key}' should be {expected} but is {found}.", innerException)
    {
        File = file;
        Key = key;
    }

    /// <summary>Gets the file's path.</summary>
    public string File { get; }

    /// <summary>Gets the key at fault.</summary>
    public string Key { get; }
}
