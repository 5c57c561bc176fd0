using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Dray.Worker.Input;

namespace Dray.Cli.Configuration;

/// <summary>The value of one key or option; asked for its kind, it answers or refuses with a sentence that says where it stands.</summary>
/// <param name="place">File and line, with a colon after them; empty for the command line.</param>
/// <param name="name">The key or option.</param>
/// <param name="node">What was written.</param>
internal sealed partial class ConfigurationValue(string place, string name, YamlNode node)
{
    private const int LongestNumber = 18;
    private const int LongestText = 4096;
    private const string TextKind = "a text of 1 to 4096 characters";

    /// <summary>Gets the key or option.</summary>
    public string Name => name;

    /// <summary>Gets whether nothing was written, which leaves the default.</summary>
    public bool IsNull => node is YamlScalar { IsNull: true };

    /// <summary>A text that isn't empty.</summary>
    public string Text() => TextOf(node) ?? throw Wrong(TextKind);

    /// <summary>One text or a list of them.</summary>
    public IReadOnlyList<string> Texts() => node is YamlList { Items.Count: > 0 } list
        ? [.. list.Items.Select(item => TextOf(item) ?? throw Wrong($"{TextKind} or a list of such texts"))]
        : [Text()];

    /// <summary>A truth value, as YAML 1.1 and 1.2 write them.</summary>
    public bool Flag() => (node as YamlScalar)?.Text.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => throw Wrong("true or false"),
    };

    /// <summary>One of some words.</summary>
    public string OneOf(params string[] words) =>
        node is YamlScalar scalar && words.Contains(scalar.Text) ? scalar.Text : throw Wrong(Choices(words));

    /// <summary>A device, such as <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public string Device() => node is YamlScalar scalar && DeviceForm().IsMatch(scalar.Text)
        ? scalar.Text
        : throw Wrong("auto, cpu, cuda or opencl, or a numbered one such as cuda:1");

    /// <summary>A whole number; <c>8k</c> is 8000 and <c>8K</c> is 8192, as vLLM reads them.</summary>
    public int Integer(int least, int most) =>
        node is YamlScalar scalar && Whole(scalar.Text) is { } number && number >= least && number <= most
            ? (int)number
            : throw Wrong($"a whole number from {least} to {most}");

    /// <summary>A whole number in the range that a property of <typeparamref name="T"/> declares.</summary>
    public int Integer<T>(string property)
    {
        var range = RangeOf<T>(property);
        return Integer((int)range.Minimum, (int)range.Maximum);
    }

    /// <summary>A number in the range that a property of <typeparamref name="T"/> declares.</summary>
    public double Number<T>(string property)
    {
        var range = RangeOf<T>(property);
        var (least, most) = ((double)range.Minimum, (double)range.Maximum);
        return node is YamlScalar scalar && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : throw Wrong($"a number from {ConfigurationText.Number(least)} to {ConfigurationText.Number(most)}");
    }

    /// <summary>A time: seconds, or a number with ms, s, m, h or d.</summary>
    public TimeSpan Duration(TimeSpan most)
    {
        const string Kind = "a time such as 90, 90s, 15m, 2h or 7d, above zero and at most";
        if (node is not YamlScalar { Text: var text }) throw Wrong($"{Kind} {most.TotalHours}h");
        var digits = text.TrimEnd('m', 's', 'h', 'd');
        var unit = text[digits.Length..] switch { "ms" => 0.001, "" or "s" => 1, "m" => 60, "h" => 3600, "d" => 86_400, _ => 0 };
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * unit is var seconds && seconds >= 0.001 && seconds <= most.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw Wrong($"{Kind} {most.TotalHours}h");
    }

    /// <summary>The items of a list, which are called by their numbers from 0.</summary>
    public IEnumerable<ConfigurationValue> Items() => node is YamlList list
        ? list.Items.Select((item, index) => new ConfigurationValue(PlaceOf(item.Line), $"{name}[{index}]", item))
        : throw Wrong("a list");

    /// <summary>The entries of a mapping, none of them null.</summary>
    public IEnumerable<ConfigurationValue> Entries() => node is YamlMapping mapping
        ? mapping.Entries.Where(entry => entry.Value is not YamlScalar { IsNull: true })
            .Select(entry => new ConfigurationValue(PlaceOf(entry.Key.Line), $"{name}.{entry.Key.Text}", entry.Value))
        : throw Wrong("a mapping of keys to values");

    /// <summary>The refusal of a value of the wrong kind or range.</summary>
    public CommandException Wrong(string kind) => Refuse($"it must be {kind}");

    /// <summary>A refusal.</summary>
    /// <param name="why">What goes after "but", without a full stop.</param>
    public CommandException Refuse(string why) => new(ExitCode.Usage, $"{place}{name} is {Shown()}, but {why}.");

    /// <summary>The refusal of a key that there isn't.</summary>
    public CommandException Unknown(IReadOnlyCollection<string> known)
    {
        var own = name[(name.LastIndexOf('.') + 1)..];
        var parent = name[..(name.Length - own.Length)];
        var remedy = NearestName.Of(own, known) is { } nearest ? $"did you mean {parent}{nearest}?"
            : parent.Length > 0 ? $"the keys are {string.Join(", ", known.Select(key => parent + key))}."
            : "leave it out.";
        return new CommandException(ExitCode.Usage, $"{place}there is no key {ConfigurationText.Quote(name)}; {remedy}");
    }

    private string PlaceOf(int line) => place.Length == 0 ? "" : $"{place[..place.LastIndexOf(' ', place.Length - 2)]} {line}: ";

    private string Shown() => node switch
    {
        YamlScalar { IsNull: true } => "empty",
        YamlScalar scalar => scalar.Text.Length == 0 ? "empty" : ConfigurationText.Quote(scalar.Text),
        YamlList => "a list",
        _ => "a mapping",
    };

    [GeneratedRegex(@"^(auto|cpu|(cuda|opencl)(:\d{1,3})?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex DeviceForm();

    private static string Choices(string[] words) => words.Length == 1 ? words[0] : $"{string.Join(", ", words[..^1])} or {words[^1]}";

    private static RangeAttribute RangeOf<T>(string property) => typeof(T).GetProperty(property)!.GetCustomAttribute<RangeAttribute>()!;

    private static string? TextOf(YamlNode node) => node is YamlScalar { Text.Length: > 0 and <= LongestText } scalar ? scalar.Text : null;

    private static decimal? Whole(string text)
    {
        var factor = text.LastOrDefault() switch
        {
            'k' => 1000,
            'K' => 1 << 10,
            'm' => 1_000_000,
            'M' => 1 << 20,
            'g' => 1_000_000_000,
            'G' => 1 << 30,
            _ => 1,
        };
        var digits = (factor == 1 ? text : text[..^1]).Replace("_", "", StringComparison.Ordinal);
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (digits.Length > LongestNumber || !decimal.TryParse(digits, Style, CultureInfo.InvariantCulture, out var number)) return null;
        return number * factor is var whole && decimal.IsInteger(whole) ? whole : null;
    }
}
