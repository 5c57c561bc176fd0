using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dray.Cli.Tests.Serve;

/// <summary>Files and batches of a live server, as a client asks for them.</summary>
internal sealed class BatchServer(Uri address) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly HttpClient _http = new() { BaseAddress = address };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Rows that the demo model takes a while for.</summary>
    public static string Rows(int count, int maxTokens = 24) => string.Concat(Enumerable.Range(0, count).Select(i => new JsonObject
    {
        ["custom_id"] = $"row-{i}",
        ["method"] = "POST",
        ["url"] = "/v1/chat/completions",
        ["body"] = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"What is {i}+{i}? One word." }),
            ["max_tokens"] = maxTokens,
            ["temperature"] = 0,
        },
    }.ToJsonString() + "\n"));

    /// <summary>Uploads rows and makes a batch of them.</summary>
    public async Task<string> CreateAsync(string rows)
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes(rows)), "file", "rows.jsonl" },
            { new StringContent("batch"), "purpose" },
        };
        using var uploaded = await _http.PostAsync(new Uri("v1/files", UriKind.Relative), form, Token);
        var file = (await uploaded.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString();
        var request = new { input_file_id = file, endpoint = "/v1/chat/completions", completion_window = "24h" };
        using var created = await _http.PostAsJsonAsync(new Uri("v1/batches", UriKind.Relative), request, Token);
        return (await created.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString()!;
    }

    /// <summary>Looks at a batch until it is over.</summary>
    public async Task<JsonElement> FinishAsync(string batchId)
    {
        while (true)
        {
            var batch = await _http.GetFromJsonAsync<JsonElement>(new Uri($"v1/batches/{batchId}", UriKind.Relative), Token);
            if (batch.GetProperty("status").GetString() is "completed" or "failed" or "expired" or "cancelled") return batch;
            await Task.Delay(Pause, Token);
        }
    }

    /// <summary>What a batch answered: the name of each row with its text.</summary>
    public async Task<(string Row, string Text)[]> AnswersAsync(JsonElement batch)
    {
        var text = await _http.GetStringAsync(new Uri($"v1/files/{batch.GetProperty("output_file_id").GetString()}/content", UriKind.Relative), Token);
        return
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).Select(row => (
                row.GetProperty("custom_id").GetString()!,
                row.GetProperty("response").GetProperty("body").GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!)),
        ];
    }

    public void Dispose() => _http.Dispose();
}
