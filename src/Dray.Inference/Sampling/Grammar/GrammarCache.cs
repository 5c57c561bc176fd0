using System.Security.Cryptography;
using System.Text;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// The grammars of an engine, made once per schema. Thread-safe: grammars are compiled on callers' threads, and used on the loop.
/// </summary>
internal sealed class GrammarCache
{
    private const int MaxEntries = 128;
    private const long MaxBytes = 512L << 20;

    private readonly GrammarVocabulary _vocabulary;
    private readonly int _toolCallsToken;
    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, Lazy<CompiledGrammar?> Grammar)> _byUse = [];
    private readonly Dictionary<string, LinkedListNode<(string Key, Lazy<CompiledGrammar?> Grammar)>> _entries = new(StringComparer.Ordinal);

    public GrammarCache(TekkenTokenizer tokenizer, ReadOnlySpan<int> endTokens)
    {
        _vocabulary = new GrammarVocabulary(tokenizer, endTokens);
        _toolCallsToken = tokenizer.Special("[TOOL_CALLS]");
    }

    /// <summary>Gets the number of grammars kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _entries.Count;
        }
    }

    /// <summary>What one answer must obey, or null where it is free.</summary>
    /// <exception cref="RequestRejectedException">A schema, pattern or choice can't be held, or tool calls can't be forced.</exception>
    public ITokenConstraint? Constrain(StructuredOutput? output, IReadOnlyList<ChatTool> tools)
    {
        if (output is null || (output.Kind == StructuredOutputKind.Text && output.Tools == ToolUse.Auto && tools.Count == 0)) return null;
        if (output.Tools is ToolUse.Required or ToolUse.Named && _vocabulary.Tokenizer.Version < TekkenVersion.V11)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest,
                $"'tool_choice' can be required or name a function from tokenizer version v11 on, but the model's is {_vocabulary.Tokenizer.Version}; use auto.",
                "tool_choice");
        }

        var isText = output.Kind == StructuredOutputKind.Text;
        if (isText && output.Tools == ToolUse.None) return new FreeTextConstraint(_toolCallsToken, null);
        if (Grammar(output, tools) is not { } grammar) return null;
        return isText && output.Tools == ToolUse.Auto ? new FreeTextConstraint(_toolCallsToken, grammar) : new GrammarConstraint(grammar);
    }

    private CompiledGrammar? Grammar(StructuredOutput output, IReadOnlyList<ChatTool> tools)
    {
        var key = Key(output, tools);
        Lazy<CompiledGrammar?> grammar;
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            else
            {
                node = _byUse.AddFirst((key, new Lazy<CompiledGrammar?>(() => GrammarCompiler.Compile(output, tools, _vocabulary))));
                _entries.Add(key, node);
            }

            grammar = node.Value.Grammar;
            Shrink();
        }

        // A refusal is kept too: the same schema is refused at once the next time.
        return grammar.Value;
    }

    private void Shrink()
    {
        while (_entries.Count > 1 && (_entries.Count > MaxEntries || Bytes() > MaxBytes))
        {
            _entries.Remove(_byUse.Last!.Value.Key);
            _byUse.RemoveLast();
        }
    }

    private long Bytes()
    {
        long bytes = 0;
        foreach (var (_, grammar) in _byUse)
        {
            if (grammar.IsValueCreated) bytes += grammar.Value?.Bytes ?? 0;
        }

        return bytes;
    }

    private static string Key(StructuredOutput output, IReadOnlyList<ChatTool> tools)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append($"{output.Kind}|{output.Tools}|{output.ParallelToolCalls}|{output.ToolName?.Length}|{output.Choices.Count}|{tools.Count}|{output.Field}");
        Append(output.ToolName ?? "");
        if (output.Kind == StructuredOutputKind.JsonSchema) Append(output.Schema.GetRawText());
        Append(output.Pattern);
        foreach (var choice in output.Choices) Append(choice);
        if (output.Tools == ToolUse.None) return Convert.ToHexString(hash.GetHashAndReset());
        foreach (var tool in tools)
        {
            Append(tool.Name);
            Append(tool.Parameters.GetRawText());
            Append(output.StrictTools.Contains(tool.Name) ? "strict" : "");
        }

        return Convert.ToHexString(hash.GetHashAndReset());

        void Append(string text)
        {
            // Lengths go in front, so that no two lists of texts run together into the same bytes.
            hash.AppendData(BitConverter.GetBytes(text.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(text));
        }
    }
}
