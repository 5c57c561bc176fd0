namespace Dray.Inference.Tokenization;

/// <summary>A text that the model goes on with as it stands, without chat format.</summary>
public sealed record TextPrompt : Prompt
{
    /// <summary>Initializes a prompt of text, in front of which the start token is put.</summary>
    public TextPrompt(string text) => Text = text;

    /// <summary>Initializes a prompt of token ids, to which nothing is added.</summary>
    public TextPrompt(IReadOnlyList<int> ids) => Ids = ids;

    /// <summary>Gets the text, or null where the prompt is given as <see cref="Ids"/>.</summary>
    public string? Text { get; }

    /// <summary>Gets the token ids, or null where the prompt is given as <see cref="Text"/>.</summary>
    public IReadOnlyList<int>? Ids { get; }
}
