using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dray.Worker.Http;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Http.Files;

public sealed class FileEndpointsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_UploadReadListDelete_IsOpenAIs()
    {
        await using var bench = await HttpBench.StartAsync();
        using var form = HttpBench.Form("{\"a\":1}\n", "größe.jsonl");

        var file = await bench.OkAsync(HttpMethod.Post, "/v1/files", form);
        var id = file.GetProperty("id").GetString()!;
        var again = await bench.OkAsync(HttpMethod.Get, $"/v1/files/{id}");
        using var content = await bench.SendAsync(HttpMethod.Get, $"/v1/files/{id}/content");
        var list = await bench.OkAsync(HttpMethod.Get, "/v1/files?purpose=batch");
        var deleted = await bench.OkAsync(HttpMethod.Delete, $"/v1/files/{id}");
        var gone = await bench.RefusedAsync(HttpMethod.Get, $"/v1/files/{id}");

        id.ShouldStartWith("file-");
        (file.GetProperty("object").GetString(), file.GetProperty("purpose").GetString(), file.GetProperty("status").GetString()).ShouldBe(("file", "batch", "processed"));
        (file.GetProperty("bytes").GetInt64(), file.GetProperty("filename").GetString()).ShouldBe((8, "größe.jsonl"));
        again.GetRawText().ShouldBe(file.GetRawText());
        (await content.Content.ReadAsStringAsync(Cancellation)).ShouldBe("{\"a\":1}\n");
        (content.Content.Headers.ContentLength, content.Content.Headers.ContentType!.MediaType).ShouldBe((8, "application/octet-stream"));
        content.Content.Headers.ContentDisposition!.FileNameStar.ShouldBe("größe.jsonl");
        content.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        list.GetProperty("data").GetArrayLength().ShouldBe(1);
        (list.GetProperty("first_id").GetString(), list.GetProperty("last_id").GetString(), list.GetProperty("has_more").GetBoolean()).ShouldBe((id, id, false));
        (deleted.GetProperty("id").GetString(), deleted.GetProperty("deleted").GetBoolean()).ShouldBe((id, true));
        (gone.Status, gone.Code, gone.Param).ShouldBe((404, "not_found", "id"));
        (await bench.Worker.Store.ListAsync("files/", Cancellation).ToListAsync(Cancellation)).ShouldBeEmpty();
        (await bench.OkAsync(HttpMethod.Get, "/v1/files")).GetProperty("data").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task List_PageAfterPage_GivesEachFileOnceInBothOrders()
    {
        await using var bench = await HttpBench.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Add(await bench.UploadAsync($"{i}"));

        var newest = await PagesAsync("desc");
        var oldest = await PagesAsync("asc");

        newest.ShouldBe(ids, ignoreOrder: true);
        oldest.ShouldBe(newest.AsEnumerable().Reverse());

        async Task<List<string>> PagesAsync(string order)
        {
            var found = new List<string>();
            for (var more = true; more;)
            {
                var after = found.Count == 0 ? "" : $"&after={found[^1]}";
                var page = await bench.OkAsync(HttpMethod.Get, $"/v1/files?limit=2&order={order}{after}");
                found.AddRange(page.GetProperty("data").EnumerateArray().Select(file => file.GetProperty("id").GetString()!));
                more = page.GetProperty("has_more").GetBoolean();
            }

            return found;
        }
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=10001", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("order=up", "order")]
    public async Task List_WrongQuery_IsRefusedByName(string query, string param)
    {
        await using var bench = await HttpBench.StartAsync();

        var refused = await bench.RefusedAsync(HttpMethod.Get, "/v1/files?" + query);

        (refused.Status, refused.Param).ShouldBe((400, param));
    }

    [Fact]
    public async Task Upload_FileTooLarge_IsRefusedAndLeavesNothing()
    {
        await using var bench = await HttpBench.StartAsync(new HttpApiOptions { MaxFileBytes = 100_000 });

        using var little = HttpBench.Form(new string('x', 100_001));
        var justTooLarge = await bench.RefusedAsync(HttpMethod.Post, "/v1/files", little);
        using var large = HttpBench.Form(new string('x', 300_000));
        var farTooLarge = await bench.RefusedAsync(HttpMethod.Post, "/v1/files", large);
        var fits = await bench.UploadAsync(new string('x', 100_000));

        (justTooLarge.Status, justTooLarge.Code, justTooLarge.Param).ShouldBe((413, "content_too_large", "file"));
        justTooLarge.Message.ShouldContain("100000 bytes");
        (farTooLarge.Status, farTooLarge.Code).ShouldBe((413, "content_too_large"));
        (await bench.Worker.Store.ListAsync("files/", Cancellation).ToListAsync(Cancellation)).ShouldBe([BatchPaths.FileContent(fits), BatchPaths.FileDocument(fits)]);
    }

    [Theory]
    [InlineData("no file", "file")]
    [InlineData("no file name", "file")]
    [InlineData("empty", "file")]
    [InlineData("two files", "file")]
    [InlineData("no purpose", "purpose")]
    [InlineData("another purpose", "purpose")]
    [InlineData("unknown field", "expires_after[seconds]")]
    public async Task Upload_WrongForm_IsRefusedByNameAndLeavesNothing(string form, string param)
    {
        await using var bench = await HttpBench.StartAsync();
        using var file = new StringContent(form == "empty" ? "" : "{}");
        using var content = new MultipartFormDataContent();
        if (form == "no file name") content.Add(file, "file");
        else if (form != "no file") content.Add(file, "file", "a.jsonl");
        if (form == "two files") content.Add(new StringContent("{}"), "file", "b.jsonl");
        if (form == "unknown field") content.Add(new StringContent("60"), "expires_after[seconds]");
        if (form != "no purpose") content.Add(new StringContent(form == "another purpose" ? "vision" : "batch"), "purpose");

        var refused = await bench.RefusedAsync(HttpMethod.Post, "/v1/files", content);

        (refused.Status, refused.Code, refused.Param).ShouldBe((400, "invalid_request", param));
        (await bench.Worker.Store.ListAsync("files/", Cancellation).ToListAsync(Cancellation)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("application/json", "{}", 415)]
    [InlineData("multipart/form-data", "x", 400)]
    [InlineData("multipart/form-data; boundary=b", "no form at all", 400)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf of a", 400)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nwhole\r\n--b\r\n", 400)]
    public async Task Upload_BodyThatIsNoForm_IsRefusedAndLeavesNothing(string contentType, string body, int status)
    {
        await using var bench = await HttpBench.StartAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

        var refused = await bench.RefusedAsync(HttpMethod.Post, "/v1/files", content);

        refused.Status.ShouldBe(status);
        (await bench.Worker.Store.ListAsync("files/", Cancellation).ToListAsync(Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Upload_ClientGoesAwayInTheMiddle_NothingIsVisibleAndNothingIsLeft()
    {
        await using var bench = await HttpBench.StartAsync();
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var form = new MultipartFormDataContent { { new EndlessContent(() => gone.Cancel()), "file", "a.jsonl" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = form };

        await Should.ThrowAsync<OperationCanceledException>(bench.Worker.Client.SendAsync(request, gone.Token));

        (await bench.OkAsync(HttpMethod.Get, "/v1/files")).GetProperty("data").GetArrayLength().ShouldBe(0);
        await Support.Until.EqualAsync(() => Task.FromResult(Directory.EnumerateFiles(bench.Worker.Folder["store"], "*", SearchOption.AllDirectories).Count(file => !file.EndsWith(".txt", StringComparison.Ordinal))), 0, Cancellation);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("%2E%2E")]
    [InlineData("..%2F..%2Fetc%2Fpasswd")]
    [InlineData("%2Fetc%2Fpasswd")]
    [InlineData("a%00b")]
    [InlineData("C:%5Cwindows")]
    [InlineData("gr%C3%B6%C3%9Fe")]
    [InlineData("%F0%9F%98%80")]
    [InlineData("-output")]
    [InlineData("..-output")]
    [InlineData("..%2F..-output")]
    [InlineData("<script>")]
    public async Task AnyCall_IdThatIsNone_IsNotFoundLikeAnyOther(string id)
    {
        await using var bench = await HttpBench.StartAsync();
        await bench.UploadAsync("{}");

        foreach (var path in new[] { $"/v1/files/{id}", $"/v1/files/{id}/content", $"/v1/batches/{id}" })
        {
            using var answer = await bench.SendAsync(HttpMethod.Get, path);
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            answer.StatusCode.ShouldBeOneOf([HttpStatusCode.NotFound, HttpStatusCode.BadRequest], path + text);
        }
    }

    [Fact]
    public async Task AnyCall_VeryLongId_IsNotFoundWithoutAllOfIt()
    {
        await using var bench = await HttpBench.StartAsync();

        var refused = await bench.RefusedAsync(HttpMethod.Delete, $"/v1/files/{new string('a', 5000)}");

        (refused.Status, refused.Message.Length < 300).ShouldBe((404, true));
    }

    [Fact]
    public async Task AnyCall_FileOfAnotherTenant_IsAnsweredLikeOneThatIsNotThere()
    {
        await using var everyone = await HttpBench.StartAsync();
        var (acme, zeta) = (everyone.As("acme"), everyone.As("zeta"));
        var id = await acme.UploadAsync("{}");
        var none = id[..^4] + "0000";

        id.ShouldStartWith("acme_file-");
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "/content"), (HttpMethod.Delete, "") })
        {
            var foreign = await zeta.RefusedAsync(method, $"/v1/files/{id}{path}");
            var missing = await zeta.RefusedAsync(method, $"/v1/files/{none}{path}");
            (foreign with { Message = foreign.Message.Replace(id, none, StringComparison.Ordinal) }).ShouldBe(missing);
        }

        (await zeta.RefusedAsync(HttpMethod.Get, $"/v1/files?after={id}")).Status.ShouldBe(404);
        (await zeta.OkAsync(HttpMethod.Get, "/v1/files")).GetProperty("data").GetArrayLength().ShouldBe(0);
        (await acme.ContentAsync(id)).ShouldBe("{}");
        (await everyone.ContentAsync(id)).ShouldBe("{}");
    }

    /// <summary>Half a file that tells when it was sent, and then no more of it.</summary>
    private sealed class EndlessContent(Action sent) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(new byte[200_000], cancellationToken);
            await stream.FlushAsync(cancellationToken);
            sent();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
