using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dray.Cli.Configuration;

/// <summary>
/// Reads one YAML mapping whoever wrote it: nesting and number of nodes are bounded, an alias shares its anchor's node instead of
/// repeating it, tags are refused, and so are keys that stand twice (<c>max-num-seqs</c> and <c>max_num_seqs</c> are one key).
/// </summary>
internal sealed class YamlReader
{
    private const int MaxDepth = 16;
    private const int MaxNodes = 10_000;

    private readonly string _source;
    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, YamlNode> _anchors = [];
    private int _nodes;

    private YamlReader(string text, string source) => (_source, _parser) = (source, new Parser(new StringReader(text)));

    /// <summary>Reads a document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="CommandException">It isn't YAML, no mapping, or goes beyond a bound.</exception>
    public static YamlMapping Read(string text, string source)
    {
        var reader = new YamlReader(text, source);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException exception)
        {
            throw reader.Refuse(exception.End.Line, $"this is not valid YAML: {ConfigurationText.Quote(exception.Message.TrimEnd('.'), 200)}.");
        }
        catch (Exception exception) when (exception is not CommandException)
        {
            // The parser gives up on some kinds of nonsense in other ways than its own.
            throw reader.Refuse(LineOf(reader._parser.Current), "this is not valid YAML, here or on the lines that follow.");
        }
    }

    private YamlMapping ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _)) return new YamlMapping([], 1);
        _parser.Consume<DocumentStart>();
        var root = ReadNode(0);
        _parser.Consume<DocumentEnd>();
        if (!_parser.Accept<StreamEnd>(out _))
            throw Refuse(LineOf(_parser.Current), "a second document starts here; a configuration is one document.");
        return root switch
        {
            YamlMapping mapping => mapping,
            YamlScalar { IsNull: true } => new YamlMapping([], 1),
            _ => throw Refuse(root.Line, "a configuration must be a mapping of keys to values, such as 'max_num_seqs: 32'."),
        };
    }

    private YamlNode ReadNode(int depth)
    {
        var line = LineOf(_parser.Current);
        if (depth > MaxDepth) throw Refuse(line, $"the values are nested more than {MaxDepth} deep; no key needs that.");
        if (++_nodes > MaxNodes) throw Refuse(line, $"there are more than {MaxNodes} values; no configuration needs that.");
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return _anchors.TryGetValue(alias.Value, out var named)
                ? named
                : throw Refuse(
                    line, $"*{ConfigurationText.Quote(alias.Value.Value)} refers to nothing that was complete before it; write the value out.");
        }

        var start = _parser.Consume<NodeEvent>();
        line = LineOf(start);
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific)
            throw Refuse(line, $"the tag {ConfigurationText.Quote(start.Tag.Value)} isn't read; leave it out.");
        YamlNode node = start switch
        {
            Scalar scalar => new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, line),
            SequenceStart => ReadList(depth, line),
            _ => ReadMapping(depth, line),
        };
        if (!start.Anchor.IsEmpty) _anchors[start.Anchor] = node;
        return node;
    }

    private YamlList ReadList(int depth, int line)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(ReadNode(depth + 1));
        return new YamlList(items, line);
    }

    private YamlMapping ReadMapping(int depth, int line)
    {
        var entries = new List<(YamlScalar, YamlNode)>();
        var lines = new Dictionary<string, int>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var name = ReadNode(depth + 1);
            if (name is not YamlScalar key) throw Refuse(name.Line, "a key must be a name.");
            key = key with { Text = key.Text.Replace('-', '_') };
            if (!lines.TryAdd(key.Text, key.Line))
                throw Refuse(key.Line, $"the key {ConfigurationText.Quote(key.Text)} stands on line {lines[key.Text]} too; keep one of them.");
            entries.Add((key, ReadNode(depth + 1)));
        }

        return new YamlMapping(entries, line);
    }

    private CommandException Refuse(long line, string why) => new(ExitCode.Usage, $"{_source}, line {line}: {why}");

    private static int LineOf(ParsingEvent? parsed) => (int)(parsed?.Start.Line ?? 1);
}
