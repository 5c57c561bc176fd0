using System.Text.Json;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>Writes a JSON schema into a grammar of the values that it allows.</summary>
internal sealed class SchemaCompiler
{
    private const int DeepestSchema = 64;

    private readonly GrammarBuilder _builder;
    private readonly SchemaNode _root;
    private readonly FreeJsonWriter _freeJson;
    private readonly Dictionary<string, int> _references = new(StringComparer.Ordinal);
    private int _depth;

    private SchemaCompiler(GrammarBuilder builder, SchemaNode root)
    {
        (_builder, _root) = (builder, root);
        _freeJson = new FreeJsonWriter(builder);
    }

    /// <summary>Writes the values of a schema between two states.</summary>
    /// <exception cref="RequestRejectedException">A keyword isn't supported or is wrong; the message has its path.</exception>
    public static void Write(GrammarBuilder builder, SchemaNode schema, int from, int to) =>
        new SchemaCompiler(builder, schema).Value(schema, from, to);

    /// <summary>Writes the values of a schema.</summary>
    internal void Value(SchemaNode schema, int from, int to)
    {
        switch (schema.Value.ValueKind)
        {
            case JsonValueKind.True:
                _freeJson.Value(from, to);
                return;
            case JsonValueKind.False:
                return;
        }

        if (++_depth > DeepestSchema) throw schema.Refused($"is nested deeper than {DeepestSchema} levels; flatten the schema");
        var members = schema.Members();
        var keywords = members.Select(member => member.Name).Where(name => !SchemaKeywords.IsAnnotation(name)).ToHashSet(StringComparer.Ordinal);
        RequireSupported(schema, keywords);
        if (schema["nullable"] is { Value.ValueKind: JsonValueKind.True }) _builder.Empty(_builder.Literal(from, "null"u8), to);

        if (SchemaKeywords.Selectors.FirstOrDefault(keywords.Contains) is { } selector)
        {
            RequireAlone(schema, keywords, selector);
            Selected(schema, selector, from, to);
        }
        else
        {
            Typed(schema, keywords, from, to);
        }

        _depth--;
    }

    private static void RequireSupported(SchemaNode schema, IReadOnlySet<string> keywords)
    {
        foreach (var keyword in keywords)
        {
            if (keyword is "type" or "nullable" || SchemaKeywords.IsTyped(keyword) || SchemaKeywords.Selectors.Contains(keyword)) continue;
            var node = schema[keyword]!.Value;
            if (keyword == "uniqueItems" && node.Value.ValueKind == JsonValueKind.False) continue;
            throw node.Refused($"isn't supported: output can't be held to the keyword '{keyword}'; leave it out");
        }
    }

    private static void RequireAlone(SchemaNode schema, IReadOnlySet<string> keywords, string selector)
    {
        var allowsType = selector is "enum" or "const";
        foreach (var keyword in keywords)
        {
            if (keyword == selector || keyword is "nullable" or "uniqueItems" || (allowsType && keyword == "type")) continue;
            throw schema[keyword]!.Value.Refused($"can't be combined with '{selector}' beside it; put both into one schema, or leave '{keyword}' out");
        }
    }

    private void Selected(SchemaNode schema, string selector, int from, int to)
    {
        var node = schema[selector]!.Value;
        switch (selector)
        {
            case "$ref":
                _builder.Call(from, Reference(node), to);
                break;
            case "const":
                Constants(schema, [node.Value], from, to);
                break;
            case "enum":
                Constants(schema, [.. node.Items().Select(item => item.Value)], from, to);
                break;
            case "oneOf":
                SchemaOverlap.RequireNone(node, _root);
                goto default;
            case "allOf":
                if (node.Items().Count != 1) throw node.Refused("isn't supported with more than one schema; merge them");
                goto default;
            default:
                var branches = node.Items();
                if (branches.Count == 0) throw node.Refused("must hold at least one schema");
                foreach (var branch in branches) Value(branch, from, to);
                break;
        }
    }

    private void Constants(SchemaNode schema, IReadOnlyList<JsonElement> values, int from, int to)
    {
        var types = schema["type"] is { } type ? SchemaTypes.Read(type) : null;
        var fitting = values.Where(value => types is null || types.Any(name => SchemaTypes.IsOf(value, name))).ToArray();
        if (fitting.Length == 0) throw schema.Refused("allows no value; give 'enum' values of its 'type'");
        var texts = fitting.Where(value => value.ValueKind == JsonValueKind.String)
            .Select(value => JsonLiteral.Quote(Tokenization.JsonText.Read(value)));
        LiteralTrie.Write(_builder, from, texts, to);
        foreach (var value in fitting.Where(value => value.ValueKind != JsonValueKind.String))
            _builder.Empty(JsonLiteral.Write(_builder, from, value), to);
    }

    private void Typed(SchemaNode schema, IReadOnlySet<string> keywords, int from, int to)
    {
        IReadOnlyList<string> types = schema["type"] is { } type ? SchemaTypes.Read(type) : SchemaKeywords.TypesOf([.. keywords]);
        if (types.Count == 0) _freeJson.Value(from, to);
        foreach (var name in types)
        {
            // Every integer is a number too: writing both would only say the same twice.
            if (name == "integer" && types.Contains("number")) continue;
            switch (name)
            {
                case "object":
                    Nested(rule => new ObjectWriter(_builder, this, _freeJson).Write(schema, rule.From, rule.To), from, to);
                    break;
                case "array":
                    Nested(rule => new ArrayWriter(_builder, this, _freeJson).Write(schema, rule.From, rule.To), from, to);
                    break;
                default:
                    ScalarWriter.Write(_builder, schema, name, from, to);
                    break;
            }
        }
    }

    /// <summary>Writes a rule and calls it, so that what is inside is counted as nested.</summary>
    private void Nested(Action<(int From, int To)> write, int from, int to)
    {
        var (start, end) = (_builder.State(), _builder.State());
        _builder.Return(end);
        write((start, end));
        _builder.Call(from, start, to);
    }

    /// <summary>The rule of a schema that is referred to; each is written once, so that it may refer to itself.</summary>
    private int Reference(SchemaNode reference)
    {
        var target = SchemaReference.Resolve(reference, _root);
        if (_references.TryGetValue(target.Path, out var known)) return known;
        var (start, end) = (_builder.State(), _builder.State());
        _references.Add(target.Path, start);
        _builder.Return(end);
        Value(target, start, end);
        return start;
    }
}
