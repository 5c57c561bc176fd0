using Dray.Tests.Services;
using Dray.Worker.Http;
using Microsoft.Playwright;

namespace Dray.Cli.Tests.Page;

public sealed class PageBrowserTests(PageFixture pages) : IClassFixture<PageFixture>
{
    private const int MostBytes = 200 * 1024;
    private const string Hostile = "<img src=x onerror=\"window.ran=1\"><script>window.ran=1</script>";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Overview_BatchIsSubmitted_ShowsItDoneWithoutAReload()
    {
        await using var window = await pages.OpenAsync();
        await window.Page.GotoAsync("/");
        await window.EvaluateAsync<int>("window.mark = 1");

        var id = await pages.SubmitDemoAsync();

        var row = window.Page.Locator($"tr:has(a[href='/batches/{id}'])");
        await row.Locator(".status.completed").WaitForAsync();
        (await row.Locator(".progress").InnerTextAsync()).ShouldContain("12 of 12");
        (await window.EvaluateAsync<int>("window.mark")).ShouldBe(1);
        (await window.Page.Locator("#charts .chart").CountAsync()).ShouldBe(7);
        await window.PhotographAsync("overview");
    }

    [Fact]
    public async Task BatchPage_Demo_ShowsPicturesBesideCaptionsAndReachesDoneLive()
    {
        await using var window = await pages.OpenAsync();
        var id = await pages.SubmitDemoAsync();
        await window.Page.GotoAsync($"/batches/{id}");
        await window.WaitForStatusAsync("completed");

        var pictures = window.Page.Locator("#rows .picture img");
        (await pictures.CountAsync()).ShouldBeGreaterThan(6);
        for (var i = 0; i < await pictures.CountAsync(); i++)
        {
            await pictures.Nth(i).ScrollIntoViewIfNeededAsync();
            await window.EvaluateAsync<object>($"document.querySelectorAll('#rows .picture img')[{i}].decode()");
        }

        await window.EvaluateAsync<object>("scrollTo(0, 0)");
        (await window.Page.Locator("#rows .answer").First.InnerTextAsync()).ShouldNotBeEmpty();
        await window.PhotographAsync("batch");
    }

    [Fact]
    public async Task Search_WithTheKeyboardOnly_FindsARowAndOpensIt()
    {
        await using var window = await pages.OpenAsync();
        var id = await pages.SubmitDemoAsync();
        await window.Page.GotoAsync($"/batches/{id}");
        await window.WaitForStatusAsync("completed");

        await window.Page.Keyboard.PressAsync("/");
        await window.Page.Locator("#q:focus").WaitForAsync();
        await window.Page.Keyboard.TypeAsync("sample-CHART");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.Locator(".tabs a[href*='q=sample-CHART']").First.WaitForAsync();
        (await window.Page.Locator("#rows article").CountAsync()).ShouldBe(1);
        await window.Page.Keyboard.PressAsync("j");
        await window.Page.Locator("a[data-row]:focus").WaitForAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.Locator("#prompt-title").WaitForAsync();
        (await window.Page.Locator("h1").InnerTextAsync()).ShouldBe("sample-chart");
        await window.Page.Keyboard.PressAsync("Tab");
        (await window.EvaluateAsync<string>("document.activeElement.className")).ShouldBe("skip");
    }

    [Fact]
    public async Task Errors_ClickedOn_ShowTheirRows_AndAreTriedAgain()
    {
        await using var window = await pages.OpenAsync();
        var id = await pages.SubmitDemoAsync(PageFixture.Row("endless", string.Concat(Enumerable.Repeat("word ", 40_000))));
        await window.Page.GotoAsync($"/batches/{id}");
        await window.WaitForStatusAsync("completed");

        await window.Page.Locator("#errors a").ClickAsync();
        await window.Page.Locator(".tabs a:text-is('context_length_exceeded')").WaitForAsync();
        (await window.Page.Locator("#rows article h3").AllInnerTextsAsync()).ShouldBe(["endless"]);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Retry failed" }).ClickAsync();
        await window.Page.Locator($".tags li:has-text('{id}')").WaitForAsync();
        await window.WaitForStatusAsync("completed");
    }

    [Fact]
    public async Task Buttons_PauseResumeAndCancel_DoSo()
    {
        await using var window = await pages.OpenAsync();

        // Minutes of work, so that the batch can't be over before a button is pressed, in rows that are short: those that run end before it is cancelled.
        var id = await pages.SubmitDemoAsync([.. Enumerable.Range(0, 10_000).Select(row => PageFixture.Row($"long-{row}", $"Tell of {row}.", maxTokens: 64, isLong: true))]);
        await window.Page.GotoAsync($"/batches/{id}");
        await window.WaitForStatusAsync("running");

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await window.WaitForStatusAsync("paused");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await window.WaitForStatusAsync("running");
        await window.Page.Locator("#cancel summary").ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel the batch" }).ClickAsync();
        await window.WaitForStatusAsync("cancelled");
    }

    [Fact]
    public async Task SignIn_WithTheKeyboardOnly_ShowsTheTenantsBatchesUntilTheSignOut()
    {
        using var folder = new TemporaryFolder();
        var (ours, theirs) = (AddKey(folder, "acme"), AddKey(folder, "other"));
        await using var serve = await ServeProcess.StartAsync(Token, "--api-keys-file", folder["keys.jsonl"]);
        await using var window = await pages.OpenAsync(address: serve.Address);
        var (own, foreign) = (await SubmitAsync(serve, ours), await SubmitAsync(serve, theirs));

        await window.Page.GotoAsync($"/batches/{own}");
        await window.Page.Locator("#key:focus").WaitForAsync();
        await window.CheckAsync("sign-in");
        await window.Page.Keyboard.TypeAsync(ours);
        await window.Page.Keyboard.PressAsync("Enter");
        await window.WaitForStatusAsync("completed");
        await window.Page.GotoAsync("/");
        await window.Page.Locator($"a[href='/batches/{own}']").WaitForAsync();
        (await window.Page.Locator($"a[href='/batches/{foreign}']").CountAsync()).ShouldBe(0);
        await window.CheckAsync("signed in");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.Locator("#key:focus").WaitForAsync();
        await window.Page.GotoAsync("/");
        await window.Page.Locator("#key:focus").WaitForAsync();
    }

    [Fact]
    public async Task Connection_ServerIsAwayForAWhile_IsSaidUntilItIsBack()
    {
        await using var window = await pages.OpenAsync();
        await window.Page.GotoAsync("/");
        await window.Page.Locator("#connection:text-is('Live')").WaitForAsync();
        window.Expect("net::ERR_CONNECTION_REFUSED");
        await window.Page.RouteAsync("**", route => route.AbortAsync("connectionrefused"));
        await window.Page.Locator("#connection[data-away]:has-text('trying again')").WaitForAsync();
        await window.Page.UnrouteAsync("**");
        await window.Page.Locator("#connection:text-is('Live')").WaitForAsync();
    }

    [Fact]
    public async Task HostileRow_Shown_RunsNothing()
    {
        await using var window = await pages.OpenAsync();
        var id = await pages.SubmitDemoAsync(PageFixture.Row(Hostile, "Repeat: " + Hostile));
        await window.Page.GotoAsync($"/batches/{id}");
        await window.WaitForStatusAsync("completed");
        (await window.Page.Locator("h3:text('onerror')").CountAsync()).ShouldBe(1);
        await window.Page.GotoAsync($"/batches/{id}/rows/13");
        (await window.Page.Locator("h1").InnerTextAsync()).ShouldBe(Hostile);
        (await window.EvaluateAsync<bool>("'ran' in window")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Pages_LightDarkAndOnAPhone_AreAccessibleAndFit(ColorScheme scheme, int width)
    {
        await using var window = await pages.OpenAsync(scheme, width);
        var id = await pages.SubmitDemoAsync(PageFixture.Row("endless", string.Concat(Enumerable.Repeat("word ", 40_000))));
        await window.Page.GotoAsync($"/batches/{id}");
        await window.WaitForStatusAsync("completed");
        await window.CheckAsync("batch");
        await window.PhotographAsync(width < 600 ? "phone" : $"batch-{scheme.ToString().ToLowerInvariant()}");
        foreach (var path in (string[])["/", $"/batches/{id}/rows/1", $"/batches/{id}?q=nothing-like-this"])
        {
            await window.Page.GotoAsync(path);
            await window.CheckAsync(path);
        }

        if (scheme == ColorScheme.Dark)
            (await window.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor")).ShouldBe("rgb(15, 17, 21)");
    }

    [Fact]
    public async Task FirstVisit_Overview_TransfersLittle()
    {
        await using var window = await pages.OpenAsync();
        await window.Page.GotoAsync("/");
        await window.Page.Locator("h1").WaitForAsync();

        var bytes = await window.EvaluateAsync<long>(
            "performance.getEntries().filter(entry => 'transferSize' in entry).reduce((sum, entry) => sum + entry.transferSize, 0)");
        var paint = await window.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1");

        TestContext.Current.SendDiagnosticMessage($"First visit: {bytes} bytes, first paint after {paint:0} ms.");
        bytes.ShouldBeInRange(1, MostBytes);
    }

    private static string AddKey(TemporaryFolder folder, string tenant)
    {
        var key = ApiKeyFile.NewKey();
        ApiKeyFile.Append(folder["keys.jsonl"], new ApiKey { Tenant = tenant, Sha256 = Convert.ToHexStringLower(ApiKeyFile.HashOf(key)) });
        return key;
    }

    private static async Task<string> SubmitAsync(ServeProcess serve, string key)
    {
        using var client = new HttpClient { BaseAddress = serve.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return await PageFixture.SubmitDemoAsync(client);
    }
}
