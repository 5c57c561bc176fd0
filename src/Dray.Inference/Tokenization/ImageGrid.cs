namespace Dray.Inference.Tokenization;

/// <summary>How many tokens a picture becomes, merged patches counted once.</summary>
/// <param name="Columns">Tokens per row, row ends not counted.</param>
/// <param name="Rows">Rows of tokens.</param>
public readonly record struct ImageGrid(int Columns, int Rows)
{
    /// <summary>Gets the number of ids in the prompt: every row ends with one more, <c>[IMG_BREAK]</c> or <c>[IMG_END]</c>.</summary>
    public int PromptTokens => (Columns + 1) * Rows;
}
