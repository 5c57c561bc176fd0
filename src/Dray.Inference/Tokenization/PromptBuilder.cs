namespace Dray.Inference.Tokenization;

/// <summary>Collects the ids of a prompt.</summary>
internal sealed class PromptBuilder(TekkenTokenizer tokenizer, IReadOnlyList<ImageGrid> images)
{
    private readonly List<int> _ids = [];
    private readonly List<ImageSpan> _spans = [];

    public PromptBuilder Add(int id)
    {
        _ids.Add(id);
        return this;
    }

    /// <summary>Adds a special token by its name.</summary>
    public PromptBuilder Add(string name) => Add(tokenizer.Special(name));

    public PromptBuilder AddText(string text)
    {
        tokenizer.Encode(text, _ids);
        return this;
    }

    public void AddBetween(string before, string text, string after) => Add(before).AddText(text).Add(after);

    public PromptBuilder AddParts(IReadOnlyList<ContentPart> parts)
    {
        foreach (var part in parts)
        {
            if (part is TextPart { Text: var text }) AddText(text);
            else if (part is ThinkingPart thinking) AddThinking(thinking);
            else AddImage();
        }

        return this;
    }

    public EncodedPrompt Build() => new([.. _ids], _spans);

    private void AddThinking(ThinkingPart part)
    {
        if (tokenizer.Version < TekkenVersion.V13
            || !tokenizer.TryGetSpecial("[THINK]", out var begin)
            || !tokenizer.TryGetSpecial("[/THINK]", out var end))
        {
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest, "Think not implemented for tokenizer < V13. Leave the reasoning out.", "messages");
        }

        Add(begin).AddText(part.Thinking);
        if (part.Closed) Add(end);
    }

    /// <summary>Rows of <c>[IMG]</c>, each ended by <c>[IMG_BREAK]</c>, the last by <c>[IMG_END]</c>.</summary>
    private void AddImage()
    {
        var grid = images[_spans.Count];
        _spans.Add(new ImageSpan(_ids.Count, grid));
        var image = tokenizer.Special("[IMG]");
        var rowEnd = tokenizer.Special("[IMG_BREAK]");
        _ids.EnsureCapacity(_ids.Count + grid.PromptTokens);
        for (var row = 1; row <= grid.Rows; row++)
        {
            for (var column = 0; column < grid.Columns; column++) _ids.Add(image);
            _ids.Add(row < grid.Rows ? rowEnd : tokenizer.Special("[IMG_END]"));
        }
    }
}
