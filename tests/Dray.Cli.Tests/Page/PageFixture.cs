using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dray.Tests.Services;
using Microsoft.Playwright;

namespace Dray.Cli.Tests.Page;

/// <summary>One <c>dray serve</c> on the demo model, and a browser to look at it with; tests are skipped where Chromium isn't installed.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(90) };
    private ServeProcess? _serve;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium)) return;
        _serve = await ServeProcess.StartAsync(CancellationToken.None);
        _client.BaseAddress = _serve.Address;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_serve is not null) await _serve.DisposeAsync();
        _client.Dispose();
    }

    /// <summary>A window of its own, which notes what a page must not do.</summary>
    internal async Task<PageWindow> OpenAsync(ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900, Uri? address = null)
    {
        RequiredServices.Demand(_browser is not null, "browser");
        return await PageWindow.OpenAsync(_browser!, address ?? _serve!.Address, scheme, width, height);
    }

    /// <summary>Submits the samples' batch, its pictures in the rows, and more rows where a test wants some.</summary>
    public Task<string> SubmitDemoAsync(params string[] more) => SubmitDemoAsync(_client, more);

    /// <summary>Submits it to another server.</summary>
    public static async Task<string> SubmitDemoAsync(HttpClient client, params string[] more)
    {
        var jobs = Path.Combine(SharedFolder.Repository, "samples", "jobs");
        var lines = (await File.ReadAllLinesAsync(Path.Combine(jobs, "demo.jsonl"), Token)).Select(line => Inline(line, jobs)).Concat(more);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("batch"), "purpose" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', lines))), "file", "demo.jsonl" },
        };
        using var file = await client.PostAsync("/v1/files", form, Token);
        var fileId = (await file.Content.ReadFromJsonAsync<JsonNode>(Token))!["id"]!.GetValue<string>();
        using var batch = await client.PostAsJsonAsync(
            "/v1/batches", new { input_file_id = fileId, endpoint = "/v1/chat/completions", completion_window = "24h", metadata = new { team = "documents" } }, Token);
        return (await batch.Content.ReadFromJsonAsync<JsonNode>(Token))!["id"]!.GetValue<string>();
    }

    /// <summary>A row that asks for a text, of all the tokens that it may have where it <paramref name="isLong"/>.</summary>
    public static string Row(string customId, string prompt, int maxTokens = 16, bool isLong = false) => new JsonObject
    {
        ["custom_id"] = customId,
        ["method"] = "POST",
        ["url"] = "/v1/chat/completions",
        ["body"] = new JsonObject
        {
            ["max_tokens"] = maxTokens,
            ["ignore_eos"] = isLong,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt }),
        },
    }.ToJsonString();

    private static string Inline(string line, string folder)
    {
        var row = JsonNode.Parse(line)!;
        foreach (var part in row["body"]!["messages"]!.AsArray().SelectMany(message => message!["content"] as JsonArray ?? []))
        {
            if (part!["image_url"] is { } image)
                image["url"] = "data:image/png;base64," + Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, image["url"]!.GetValue<string>())));
        }

        return row.ToJsonString();
    }
}
