using Microsoft.Playwright;

namespace Dray.Cli.Tests.Page;

public sealed class PageBrowserTests(PageFixture pages) : IClassFixture<PageFixture>
{
    private const int MostBytes = 200 * 1024;
    private const string Hostile = "<img src=x onerror=\"window.ran=1\"><script>window.ran=1</script>";

    [Fact]
    public async Task Overview_BatchIsSubmitted_ShowsItDoneWithoutAReload()
    {
        await using var window = await pages.OpenAsync();
        await window.Page.GotoAsync("/");
        await window.Page.EvaluateAsync("window.mark = 1");

        var id = await pages.SubmitDemoAsync();

        var row = window.Page.Locator($"tr:has(a[href='/batches/{id}'])");
        await row.Locator(".status.completed").WaitForAsync(new() { Timeout = 120_000 });
        (await row.Locator(".progress").InnerTextAsync()).ShouldContain("12 of 12");
        (await window.Page.EvaluateAsync<int>("window.mark")).ShouldBe(1);
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
            await pictures.Nth(i).EvaluateAsync("image => image.decode()");
        }

        await window.Page.EvaluateAsync("scrollTo(0, 0)");
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
        (await window.Page.EvaluateAsync<string>("document.activeElement.className")).ShouldBe("skip");
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
        var id = await pages.SubmitDemoAsync([.. Enumerable.Range(0, 2000).Select(row => PageFixture.Row($"long-{row}", $"Write a long story about the number {row}.", 512))]);
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
    public async Task HostileRow_Shown_RunsNothing()
    {
        await using var window = await pages.OpenAsync();
        var id = await pages.SubmitDemoAsync(PageFixture.Row(Hostile, "Repeat: " + Hostile));
        await window.Page.GotoAsync($"/batches/{id}");
        await window.WaitForStatusAsync("completed");
        (await window.Page.Locator("h3:text('onerror')").CountAsync()).ShouldBe(1);
        await window.Page.GotoAsync($"/batches/{id}/rows/13");
        (await window.Page.Locator("h1").InnerTextAsync()).ShouldBe(Hostile);
        (await window.Page.EvaluateAsync<bool>("'ran' in window")).ShouldBeFalse();
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
            (await window.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor")).ShouldBe("rgb(15, 17, 21)");
    }

    [Fact]
    public async Task FirstVisit_Overview_TransfersLittle()
    {
        await using var window = await pages.OpenAsync();
        await window.Page.GotoAsync("/");
        await window.Page.Locator("h1").WaitForAsync();

        var bytes = await window.Page.EvaluateAsync<long>(
            "performance.getEntries().filter(entry => 'transferSize' in entry).reduce((sum, entry) => sum + entry.transferSize, 0)");
        var paint = await window.Page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1");

        TestContext.Current.SendDiagnosticMessage($"First visit: {bytes} bytes, first paint after {paint:0} ms.");
        bytes.ShouldBeInRange(1, MostBytes);
    }
}
