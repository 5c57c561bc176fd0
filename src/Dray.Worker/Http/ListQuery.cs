using System.Globalization;
using Dray.Contracts;
using Dray.Inference;
using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Http;

/// <summary>What a request for a list asks for.</summary>
internal static class ListQuery
{
    /// <summary>The most entries of the page.</summary>
    /// <exception cref="RequestRejectedException">It is no number from 1 to <paramref name="most"/>.</exception>
    public static int Limit(IQueryCollection query, int standard, int most)
    {
        if (query["limit"] is not [{ } text, ..]) return standard;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most) return limit;
        throw Refuse($"The limit isn't a number from 1 to {most}; leave it out for {standard}.", "limit");
    }

    /// <summary>The last entry of the page before, or null for the first page.</summary>
    public static string? After(IQueryCollection query) => query["after"] is [{ Length: > 0 } after, ..] ? after : null;

    /// <summary>One of several words.</summary>
    /// <exception cref="RequestRejectedException">It is another.</exception>
    public static string OneOf(IQueryCollection query, string name, string standard, string other)
    {
        if (query[name] is not [{ } text, ..] || text == standard) return standard;
        return text == other ? other : throw Refuse($"The {name} is neither '{standard}' nor '{other}'.", name);
    }

    private static RequestRejectedException Refuse(string message, string param) => new(ErrorCodes.InvalidRequest, message, param);
}
