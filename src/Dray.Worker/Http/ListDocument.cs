using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Http;

/// <summary>OpenAI's list object.</summary>
internal static class ListDocument
{
    /// <summary>The answer that has these entries.</summary>
    public static IResult Of<T>(IReadOnlyList<T> data, bool hasMore, Func<T, string> idOf) => Results.Json(new
    {
        @object = "list",
        data,
        first_id = data is [var first, ..] ? idOf(first) : null,
        last_id = data is [.., var last] ? idOf(last) : null,
        has_more = hasMore,
    });
}
