using System.Globalization;

namespace Dray.Cli.Configuration;

/// <summary>Options that take several whole numbers, such as <c>1,8,32</c>.</summary>
internal static class NumberList
{
    /// <summary>The numbers of an option's value, in its order.</summary>
    /// <exception cref="CommandException">It is something else.</exception>
    public static int[] Parse(string option, string text)
    {
        var numbers = new List<int>();
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                throw new CommandException(
                    ExitCode.Usage,
                    $"{option} is '{ConfigurationText.Quote(text)}', but it must be numbers with commas between them, such as 1,8,32.");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }
}
