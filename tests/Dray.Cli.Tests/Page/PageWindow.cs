using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Dray.Cli.Tests.Page;

/// <summary>A window of the browser that looks at a server, and notes errors, blocked content and requests that leave the host.</summary>
internal sealed class PageWindow : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _faults = new();
    private string? _expected;

    private PageWindow(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    public static async Task<PageWindow> OpenAsync(IBrowser browser, Uri address, ColorScheme scheme, int width, int height)
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            ViewportSize = new() { Width = width, Height = height },
            DeviceScaleFactor = width < 600 ? 2 : 1,
        });
        context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        var window = new PageWindow(context, await context.NewPageAsync());
        window.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") window._faults.Enqueue($"console: {message.Text}");
        };
        window.Page.PageError += (_, error) => window._faults.Enqueue($"error: {error}");
        window.Page.Dialog += (_, dialog) => window._faults.Enqueue($"dialog: {dialog.Message}");
        window.Page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != address.Authority) window._faults.Enqueue($"request: {request.Url}");
        };
        return window;
    }

    /// <summary>Waits for the batch's page to say what became of it, without being asked to.</summary>
    public async Task WaitForStatusAsync(string status)
    {
        try
        {
            await Page.Locator($"#headline .status:text-is('{status}')").WaitForAsync();
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{Page.Url} isn't {status}, but shows: {await Page.Locator("main").InnerTextAsync()}", e);
        }
    }

    /// <summary>What an expression is in the page; Playwright itself would wait for it for ever.</summary>
    public async Task<T> EvaluateAsync<T>(string expression)
    {
        try
        {
            return await Page.EvaluateAsync<T>(expression).WaitAsync(Patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{Page.Url} doesn't come to an end with: {expression}", e);
        }
    }

    /// <summary>Nothing serious may be found by axe, and nothing may stick out to the right.</summary>
    public async Task CheckAsync(string what)
    {
        var found = await Page.RunAxe().WaitAsync(Patience);
        found.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}").ShouldBeEmpty(what);
        (await EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).ShouldBeLessThanOrEqualTo(0, what);
    }

    /// <summary>Keeps a picture of the page where DRAY_TEST_SCREENSHOTS names a folder for them.</summary>
    public async Task PhotographAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("DRAY_TEST_SCREENSHOTS") is { Length: > 0 } folder)
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
    }

    /// <summary>Takes faults for granted that a test makes itself.</summary>
    public void Expect(string fault) => _expected = fault;

    /// <summary>Closes it; the page must have done nothing that it mustn't.</summary>
    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        _faults.Where(fault => _expected is null || !fault.Contains(_expected, StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
