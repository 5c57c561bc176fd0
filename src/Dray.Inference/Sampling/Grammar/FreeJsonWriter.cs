namespace Dray.Inference.Sampling.Grammar;

/// <summary>Writes JSON that no schema describes into a grammar.</summary>
internal sealed class FreeJsonWriter(GrammarBuilder builder)
{
    private int _value = -1;

    /// <summary>Any value.</summary>
    public void Value(int from, int to)
    {
        if (_value < 0)
        {
            _value = builder.State();
            var end = builder.State();
            builder.Return(end);
            JsonStringWriter.Any(builder, _value, 0, int.MaxValue, end);
            NumberWriter.Number(builder, _value, end);
            LiteralTrie.Write(builder, _value, ["true"u8.ToArray(), "false"u8.ToArray(), "null"u8.ToArray()], end);
            Object(_value, end);
            Array(_value, end);
        }

        builder.Call(from, _value, to);
    }

    /// <summary>Any object.</summary>
    public void Object(int from, int to)
    {
        var (open, key, colon, close) = (builder.State(), builder.State(), builder.State(), builder.State());
        builder.Byte(from, '{', open);
        builder.Empty(open, key);
        builder.Empty(open, close);
        JsonStringWriter.Any(builder, key, 0, int.MaxValue, colon);
        var end = builder.State();
        Value(builder.Separator(colon, ':'), end);
        builder.Empty(builder.Separator(end, ','), key);
        builder.Empty(end, close);
        builder.Byte(close, '}', to);
    }

    /// <summary>Any list.</summary>
    public void Array(int from, int to)
    {
        var (open, item, end, close) = (builder.State(), builder.State(), builder.State(), builder.State());
        builder.Byte(from, '[', open);
        builder.Empty(open, item);
        builder.Empty(open, close);
        Value(item, end);
        builder.Empty(builder.Separator(end, ','), item);
        builder.Empty(end, close);
        builder.Byte(close, ']', to);
    }
}
