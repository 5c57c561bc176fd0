using System.Text;
using System.Text.RegularExpressions;
using Dray.Cli.Configuration;
using Dray.Cli.Labelling.Tables;
using Dray.Worker.Input;

namespace Dray.Cli.Labelling;

/// <summary>
/// A text with the names of columns in double braces, <c>{{text}}</c>, which each row's values take the place of. <c>\{{</c> stands for two braces; single
/// braces stand for themselves.
/// </summary>
internal sealed partial class PromptTemplate
{
    private const int MostNamed = 20;

    /// <summary>Texts, and numbers of columns.</summary>
    private readonly List<(string Text, int Column)> _parts = [];

    private PromptTemplate()
    {
    }

    /// <summary>Gets the columns whose values are asked for, each once.</summary>
    public IReadOnlyList<int> Columns => [.. _parts.Select(part => part.Column).Where(column => column >= 0).Distinct()];

    /// <summary>Reads a template from a file; a line end at its end isn't part of it.</summary>
    /// <exception cref="CommandException">A column is unknown, or braces aren't closed.</exception>
    public static PromptTemplate Read(string path, IReadOnlyList<TableColumn> columns)
    {
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        if (text.EndsWith('\n')) text = text[..^1];
        if (string.IsNullOrWhiteSpace(text)) throw TableFile.Refused(path, "is empty; write the prompt into it, with columns as {{name}}.");
        var template = new PromptTemplate();
        var end = 0;
        foreach (Match match in Place().Matches(text))
        {
            template.Add(text[end..match.Index]);
            end = match.Index + match.Length;
            if (match.Value == @"\{{") template.Add("{{");
            else if (match.Groups["name"] is { Success: true } name) template._parts.Add(("", Find(path, name.Value.Trim(), columns)));
            else throw TableFile.Refused(path, @"has '{{' without '}}' after a column's name; close it, or write \{{ for two braces.");
        }

        template.Add(text[end..]);
        return template;
    }

    /// <summary>The number of a column.</summary>
    /// <param name="asker">What names it, for messages.</param>
    /// <param name="name">Its name.</param>
    /// <param name="columns">The columns that there are.</param>
    /// <exception cref="CommandException">There is none of that name, or several.</exception>
    public static int Find(string asker, string name, IReadOnlyList<TableColumn> columns)
    {
        var found = columns.Index().Where(column => column.Item.Name == name).Select(column => column.Index).ToArray();
        if (found.Length == 1) return found[0];
        if (found.Length > 1)
            throw new CommandException(ExitCode.InputRefused, $"'{asker}' names the column '{ConfigurationText.Quote(name)}', of which the data has {found.Length}; rename them.");
        var names = string.Join(", ", columns.Take(MostNamed).Select(column => ConfigurationText.Quote(column.Name))) + (columns.Count > MostNamed ? ", ..." : "");
        var meant = NearestName.Of(name, columns.Select(column => column.Name)) is { } nearest ? $" Did you mean '{ConfigurationText.Quote(nearest)}'?" : "";
        throw new CommandException(
            ExitCode.InputRefused, $"'{asker}' names the column '{ConfigurationText.Quote(name)}', which the data doesn't have; its columns are {names}.{meant}");
    }

    /// <summary>The text of a row.</summary>
    public string Render(object?[] values)
    {
        var text = new StringBuilder();
        foreach (var (part, column) in _parts) text.Append(column < 0 ? part : TableValue.Text(values[column]));
        return text.ToString();
    }

    private void Add(string text)
    {
        if (text.Length > 0) _parts.Add((text, -1));
    }

    [GeneratedRegex(@"\\\{\{|\{\{(?<name>[^{}\n]+)\}\}|\{\{", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
