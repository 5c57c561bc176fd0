using System.Globalization;
using System.Text.RegularExpressions;

namespace Dray.Cli.Tests.Deploy;

/// <summary>deploy/Dockerfile: its stages and their instructions.</summary>
internal static partial class ImageFile
{
    /// <summary>Gets the instructions of every stage, by the stage's name; those before the first under an empty one.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<(string Name, string Value)>> Stages { get; } = Read();

    /// <summary>Gets the user that both variants run as; in Microsoft's images it is called app.</summary>
    public static int UserId { get; } = int.Parse(Stages["cuda"].Last(line => line.Name == "USER").Value, CultureInfo.InvariantCulture);

    /// <summary>What the build takes from the repository, before some instruction.</summary>
    public static IEnumerable<string> Sources(IEnumerable<(string Name, string Value)> lines) => lines.Where(line => line.Name == "COPY" && !line.Value.Contains("--from", StringComparison.Ordinal))
        .SelectMany(line => line.Value.Split(' ').Where(word => !word.StartsWith("--", StringComparison.Ordinal)).SkipLast(1));

    private static Dictionary<string, IReadOnlyList<(string Name, string Value)>> Read()
    {
        var text = File.ReadAllText(Path.Combine(SharedFolder.Repository, "deploy", "Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal);
        var stages = new Dictionary<string, IReadOnlyList<(string, string)>>();
        var (name, lines) = ("", new List<(string, string)>());
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
            if (words[0] == "FROM")
            {
                stages[name] = lines;
                (name, lines) = (Stage().Match(words[1]).Groups[1].Value, []);
            }

            lines.Add((words[0], Spaces().Replace(words[1], " ")));
        }

        stages[name] = lines;
        return stages;
    }

    [GeneratedRegex(" AS ([a-z]+)$")]
    private static partial Regex Stage();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
