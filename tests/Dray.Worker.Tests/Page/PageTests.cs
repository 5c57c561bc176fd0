using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Http;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Page;

[Collection(WebWorkerGroup.Name)]
public sealed partial class PageTests
{
    private const string Hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_HostileTexts_AreEscapedEverywhere()
    {
        await using var worker = await HttpWorker.StartAsync();
        await worker.RunBatchAsync("hostile", JobLines.Line(Hostile, Hostile) + "\n" + JobLines.Line("too-long", "too long") + "\n{\"" + Hostile.Replace("\"", "\\\"", StringComparison.Ordinal) + "\":1}\n", Token);

        foreach (var path in (string[])["/", "/batches/hostile", "/batches/hostile?q=%3Cscript%3E", "/batches/hostile/rows/1", "/batches/hostile/rows/3", "/batches/hostile?code=%3Cscript%3E"])
        {
            var page = await worker.Client.GetStringAsync(path, Token);
            page.ShouldNotContain("<script>alert", customMessage: path);
            page.ShouldNotContain("<img src=x", customMessage: path);
        }

        (await worker.Client.GetStringAsync("/batches/hostile/rows/1", Token)).ShouldContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    }

    [Fact]
    public async Task Pages_EveryOne_AllowNothingFromElsewhere()
    {
        await using var worker = await HttpWorker.StartAsync();
        foreach (var path in (string[])["/", "/batches/none", "/assets/none.js"])
        {
            using var response = await worker.Client.GetAsync(path, Token);
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            policy.ShouldStartWith("default-src 'none';");
            policy.ShouldContain("frame-ancestors 'none'");
            policy.ShouldNotContain("unsafe");
            response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        }

        var page = await worker.Client.GetStringAsync("/", Token);
        page.ShouldNotContain("http://");
        page.ShouldNotContain("https://");
        page.ShouldNotContain(" style=");
        foreach (Match asset in Asset().Matches(page))
        {
            using var response = await worker.Client.GetAsync(asset.Value, Token);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Headers.CacheControl!.ToString().ShouldContain("immutable");
        }
    }

    [Fact]
    public async Task BatchPage_UnknownBatchOrRow_SaysSo()
    {
        await using var worker = await HttpWorker.StartAsync();
        await worker.RunBatchAsync("batch", JobLines.Lines(3), Token);

        foreach (var path in (string[])["/batches/none", "/batches/..%2f..%2fetc", "/batches/batch/rows/4", "/batches/batch/rows/0", "/batches/batch/rows/1/images/0"])
        {
            using var response = await worker.Client.GetAsync(path, Token);
            response.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            (await response.Content.ReadAsStringAsync(Token)).ShouldContain("<h1 id=\"title\">No such", customMessage: path);
        }
    }

    [Fact]
    public async Task Image_DataUrl_IsAJpegOfBoundedSize_AndWhatIsNoPictureIsRefused()
    {
        await using var worker = await HttpWorker.StartAsync();
        var pixels = Enumerable.Range(0, 500).Select(_ => new byte[800]).ToArray();
        var png = Convert.ToBase64String(new PngFile(800, 500, 8, PngFile.Grey).Finish(pixels));
        var svg = Convert.ToBase64String(Encoding.UTF8.GetBytes("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"));
        await worker.RunBatchAsync(
            "pictures", JobLines.Line("png", "a", "data:image/png;base64," + png) + "\n" + JobLines.Line("svg", "b", "data:image/png;base64," + svg) + "\n"
            + JobLines.Line("web", "c", "https://example.com/a.png") + "\n", Token);

        using var small = await worker.Client.GetAsync("/batches/pictures/rows/1/images/0", Token);
        small.Content.Headers.ContentType!.ToString().ShouldBe("image/jpeg");
        var jpeg = await small.Content.ReadAsByteArrayAsync(Token);
        jpeg[..3].ShouldBe([0xFF, 0xD8, 0xFF]);
        jpeg.Length.ShouldBeLessThan(50_000);
        using var refused = await worker.Client.GetAsync("/batches/pictures/rows/2/images/0", Token);
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        using var web = await worker.Client.GetAsync("/batches/pictures/rows/3/images/0", Token);
        web.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Downloads_BatchThatIsOver_HaveItsRows_AndNoFormula()
    {
        await using var worker = await HttpWorker.StartAsync();
        await worker.RunBatchAsync("files", JobLines.Line("=1+1", "=cmd") + "\n" + JobLines.Line("b", "too long") + "\n", Token);

        (await worker.Client.GetStringAsync("/batches/files/output.jsonl", Token)).ShouldContain("\"custom_id\":\"=1+1\"");
        (await worker.Client.GetStringAsync("/batches/files/errors.jsonl", Token)).ShouldContain("context_length_exceeded");
        (await worker.Client.GetStringAsync("/batches/files/partial.jsonl", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2);
        using var table = await worker.Client.GetAsync("/batches/files/answers.csv", Token);
        table.Content.Headers.ContentDisposition!.FileNameStar.ShouldBe("files-answers.csv");
        var lines = (await table.Content.ReadAsStringAsync(Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r')).ToArray();
        lines[0].ShouldBe("custom_id,answer,finish_reason,error_code,error");
        lines[1].ShouldBe("\"'=1+1\",\"'=cmd|\",stop,,");
        lines[2].ShouldStartWith("b,,,context_length_exceeded,");
    }

    [Fact]
    public async Task Actions_WithoutTheFormOrFromElsewhere_AreRefused_WithItTheyAreDone()
    {
        await using var worker = await HttpWorker.StartAsync();
        using var reached = new SemaphoreSlim(0);
        worker.Engine.Before = async (_, token) =>
        {
            reached.Release();
            await Task.Delay(Timeout.Infinite, token);
        };
        await worker.Store.PutAsync(BatchPaths.Input("held"), async (stream, token) => await stream.WriteAsync(Encoding.UTF8.GetBytes(JobLines.Lines(2)), token), Token);
        await PageForm.SubmitAsync(worker, "held", Token);
        await reached.WaitAsync(Token);

        (await PageForm.PostAsync(worker, "/batches/held/pause", field: null)).ShouldBe(HttpStatusCode.BadRequest);
        var field = await PageForm.FieldAsync(worker, "/batches/held", Token);
        (await PageForm.PostAsync(worker, "/batches/held/pause", field, ("Sec-Fetch-Site", "cross-site"))).ShouldBe(HttpStatusCode.Forbidden);
        (await PageForm.PostAsync(worker, "/batches/held/pause", field, ("Origin", "https://evil.example"))).ShouldBe(HttpStatusCode.Forbidden);
        (await worker.Client.GetStringAsync("/batches/held", Token)).ShouldContain("/batches/held/pause");

        (await PageForm.PostAsync(worker, "/batches/held/pause", field, ("Sec-Fetch-Site", "same-origin"))).ShouldBe(HttpStatusCode.OK);
        await Until.EqualAsync(async () => (await worker.Client.GetStringAsync("/batches/held", Token)).Contains("/batches/held/resume", StringComparison.Ordinal), true, Token);
        (await PageForm.PostAsync(worker, "/batches/held/cancel", field)).ShouldBe(HttpStatusCode.OK);
        await Until.EqualAsync(async () => (await worker.Client.GetStringAsync("/batches/held", Token)).Contains(">cancelled<", StringComparison.Ordinal), true, Token);
    }

    [Fact]
    public async Task Host_NameOfAnotherSite_IsRefused()
    {
        await using var worker = await HttpWorker.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "evil.example" } };
        using var response = await worker.Client.SendAsync(request, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [GeneratedRegex(@"/assets/[\w.-]+")]
    private static partial Regex Asset();
}
