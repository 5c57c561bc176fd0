using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Http.Batches;

public sealed class BatchEndpointsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_RowsOfAFile_AreRunAndGivenAsFiles()
    {
        await using var bench = await HttpBench.StartAsync();
        var rows = JobLines.Lines(3) + JobLines.Line("bad", "too long") + "\n" + JobLines.Line("lost", "see", "pictures/a.png") + "\n";
        var file = await bench.UploadAsync(rows);

        var created = await bench.OkAsync(HttpMethod.Post, "/v1/batches", HttpBench.Json(new
        {
            input_file_id = file,
            endpoint = "/v1/chat/completions",
            completion_window = "24h",
            metadata = new { team = "blue" },
        }));
        var id = created.GetProperty("id").GetString()!;
        await bench.OkAsync(HttpMethod.Delete, $"/v1/files/{file}");
        var done = await bench.WaitAsync(id, "completed");
        var output = await bench.ContentAsync(done.GetProperty("output_file_id").GetString()!);
        var errors = await bench.ContentAsync(done.GetProperty("error_file_id").GetString()!);
        var outputFile = await bench.OkAsync(HttpMethod.Get, $"/v1/files/{done.GetProperty("output_file_id").GetString()}");

        (created.GetProperty("object").GetString(), created.GetProperty("status").GetString()!.Length > 0).ShouldBe(("batch", true));
        (created.GetProperty("input_file_id").GetString(), created.GetProperty("endpoint").GetString()).ShouldBe((file, "/v1/chat/completions"));
        (created.GetProperty("expires_at").GetInt64() - created.GetProperty("created_at").GetInt64()).ShouldBe(86_400);
        (done.GetProperty("input_file_id").GetString(), done.GetProperty("completion_window").GetString()).ShouldBe((file, "24h"));
        done.GetProperty("created_at").GetInt64().ShouldBe(created.GetProperty("created_at").GetInt64());
        done.GetProperty("metadata").GetProperty("team").GetString().ShouldBe("blue");
        done.GetProperty("request_counts").GetRawText().ShouldBe("""{"total":5,"completed":3,"failed":2}""");
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Row(line).CustomId).ShouldBe(["row-0", "row-1", "row-2"]);
        var failed = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Row).ToArray();
        failed.Select(row => (row.CustomId, row.Error().Code)).ShouldBe([("bad", "context_length_exceeded"), ("lost", "image_not_found")]);
        (outputFile.GetProperty("bytes").GetInt64(), outputFile.GetProperty("purpose").GetString()).ShouldBe((output.Length, "batch_output"));
        new[] { created, done }.ShouldAllBe(batch => Fields.All(field => HasField(batch, field)));
    }

    [Fact]
    public async Task Create_NoRowFailsOrSucceeds_TheOtherFileIsNull()
    {
        await using var bench = await HttpBench.StartAsync();

        var good = await bench.WaitAsync(await bench.RunAsync(JobLines.Lines(1)), "completed");
        var bad = await bench.WaitAsync(await bench.RunAsync(JobLines.Line("a", "too long")), "completed");

        (good.GetProperty("output_file_id").ValueKind, good.GetProperty("error_file_id").ValueKind).ShouldBe((JsonValueKind.String, JsonValueKind.Null));
        (bad.GetProperty("output_file_id").ValueKind, bad.GetProperty("error_file_id").ValueKind).ShouldBe((JsonValueKind.Null, JsonValueKind.String));
    }

    [Fact]
    public async Task Create_FileWithoutRows_FailsAsOpenAIsDo()
    {
        await using var bench = await HttpBench.StartAsync();

        var batch = await bench.WaitAsync(await bench.RunAsync("\n\n"), "failed");

        batch.GetProperty("errors").GetProperty("object").GetString().ShouldBe("list");
        batch.GetProperty("errors").GetProperty("data")[0].GetProperty("message").GetString()!.ShouldContain("no rows");
    }

    [Fact]
    public async Task Create_SameIdempotencyKey_IsOneBatch()
    {
        await using var bench = await HttpBench.StartAsync();
        var (acme, zeta) = (bench.As("acme"), bench.As("zeta"));
        var rows = JobLines.Lines(2);
        var (file, copy, other, foreign) = (await acme.UploadAsync(rows), await acme.UploadAsync(rows), await acme.UploadAsync(JobLines.Lines(3)), await zeta.UploadAsync(rows));

        var first = await CreateAsync(acme, file);
        await acme.WaitAsync(first, "completed");
        var again = await CreateAsync(acme, copy);
        var theirs = await CreateAsync(zeta, foreign);
        await zeta.WaitAsync(theirs, "completed");
        var conflict = await acme.RefusedAsync(HttpMethod.Post, "/v1/batches", Body(other), ("Idempotency-Key", "nightly"));
        var tooLong = await acme.RefusedAsync(HttpMethod.Post, "/v1/batches", Body(file), ("Idempotency-Key", new string('k', 513)));

        again.ShouldBe(first);
        theirs.ShouldNotBe(first);
        (conflict.Status, conflict.Param, tooLong.Status).ShouldBe((422, "Idempotency-Key", 400));
        bench.Worker.Engine.Calls.Values.Sum().ShouldBe(4, "two rows for each tenant");

        static async Task<string> CreateAsync(HttpBench bench, string file) =>
            (await bench.OkAsync(HttpMethod.Post, "/v1/batches", Body(file), ("Idempotency-Key", "nightly"))).GetProperty("id").GetString()!;
    }

    [Theory]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_windov":"24h"}""", 400, "completion_windov")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_window":"soon"}""", 400, "completion_window")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_window":"9999999d"}""", 400, "completion_window")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_window":"999d"}""", 400, null)]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/embeddings"}""", 400, "endpoint")]
    [InlineData("""{"input_file_id":"FILE"}""", 400, "endpoint")]
    [InlineData("""{"endpoint":"/v1/chat/completions"}""", 400, "input_file_id")]
    [InlineData("""{"input_file_id":"file-none","endpoint":"/v1/chat/completions"}""", 404, "input_file_id")]
    [InlineData("""{"input_file_id":"../FILE","endpoint":"/v1/chat/completions"}""", 404, "input_file_id")]
    [InlineData("""{"input_file_id":7,"endpoint":"/v1/chat/completions"}""", 400, "input_file_id")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/chat/completions","metadata":{"a":1}}""", 400, "metadata.a")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/chat/completions","metadata":{"a":"\ud800"}}""", 400, "metadata.a")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/chat/completions","metadata":[]}""", 400, "metadata")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/chat/completions","max_tokens_total":0}""", 400, "max_tokens_total")]
    [InlineData("[]", 400, null)]
    [InlineData("{", 400, null)]
    public async Task Create_WrongBody_IsRefusedByName(string body, int status, string? param)
    {
        await using var bench = await HttpBench.StartAsync();
        var file = await bench.UploadAsync(JobLines.Lines(1));
        using var content = new StringContent(body.Replace("FILE", file, StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json");

        var refused = await bench.RefusedAsync(HttpMethod.Post, "/v1/batches", content);

        (refused.Status, refused.Param).ShouldBe((status, param), refused.Message);
        (await bench.OkAsync(HttpMethod.Get, "/v1/batches")).GetProperty("data").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Create_TooMuchMetadata_IsRefused()
    {
        await using var bench = await HttpBench.StartAsync();
        var file = await bench.UploadAsync(JobLines.Lines(1));
        var metadata = Enumerable.Range(0, 17).ToDictionary(i => $"k{i}", _ => "v");

        var refused = await bench.RefusedAsync(
            HttpMethod.Post, "/v1/batches", HttpBench.Json(new { input_file_id = file, endpoint = "/v1/chat/completions", metadata }));

        (refused.Status, refused.Message.Contains("17 pairs", StringComparison.Ordinal)).ShouldBe((400, true));
    }

    [Fact]
    public async Task List_PageAfterPage_GivesEachBatchOnce()
    {
        await using var bench = await HttpBench.StartAsync();
        var file = await bench.UploadAsync(JobLines.Lines(1));
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Add(await bench.CreateAsync(file));
        var found = new List<string>();
        for (var more = true; more;)
        {
            var page = await bench.OkAsync(HttpMethod.Get, $"/v1/batches?limit=2{(found.Count == 0 ? "" : "&after=" + found[^1])}");
            found.AddRange(page.GetProperty("data").EnumerateArray().Select(batch => batch.GetProperty("id").GetString()!));
            page.GetProperty("last_id").GetString().ShouldBe(found[^1]);
            more = page.GetProperty("has_more").GetBoolean();
        }

        found.ShouldBe(ids, ignoreOrder: true);
        (await bench.RefusedAsync(HttpMethod.Get, "/v1/batches?limit=101")).Param.ShouldBe("limit");
        (await bench.RefusedAsync(HttpMethod.Get, "/v1/batches?after=batch_none")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Cancel_RightAfterCreate_TakesEffect()
    {
        await using var bench = await HttpBench.StartAsync();
        bench.Worker.Engine.Before = (_, token) => Task.Delay(Timeout.Infinite, token);
        var id = await bench.RunAsync(JobLines.Lines(4));

        var asked = await bench.OkAsync(HttpMethod.Post, $"/v1/batches/{id}/cancel");
        var again = await bench.OkAsync(HttpMethod.Post, $"/v1/batches/{id}/cancel");
        var done = await bench.WaitAsync(id, "cancelled");

        asked.GetProperty("status").GetString().ShouldBeOneOf("cancelling", "cancelled");
        again.GetProperty("status").GetString().ShouldBeOneOf("cancelling", "cancelled");
        done.GetProperty("request_counts").GetProperty("failed").GetInt64().ShouldBe(4);
        (await bench.ContentAsync(done.GetProperty("error_file_id").GetString()!)).ShouldContain("batch_cancelled");
    }

    [Fact]
    public async Task Cancel_BatchThatIsDone_IsRefused()
    {
        await using var bench = await HttpBench.StartAsync();
        var id = await bench.RunAsync(JobLines.Lines(1));
        await bench.WaitAsync(id, "completed");

        foreach (var action in new[] { "cancel", "pause", "resume" })
        {
            var refused = await bench.RefusedAsync(HttpMethod.Post, $"/v1/batches/{id}/{action}");
            (refused.Status, refused.Message.Contains("is completed", StringComparison.Ordinal)).ShouldBe((400, true));
        }
    }

    [Fact]
    public async Task PauseAndResume_BatchThatRuns_RestsAndGoesOn()
    {
        await using var bench = await HttpBench.StartAsync();
        var held = new HeldRows();
        bench.Worker.Engine.Before = held.HoldAsync;
        var id = await bench.RunAsync(JobLines.Lines(2));
        await held.StartedAsync("prompt 0", Cancellation);

        var asked = await bench.OkAsync(HttpMethod.Post, $"/v1/batches/{id}/pause");
        await bench.WaitAsync(id, "paused");
        var resumed = await bench.OkAsync(HttpMethod.Post, $"/v1/batches/{id}/resume", HttpBench.Json(new { max_tokens_total = 1000 }));
        held.ReleaseAll();
        var done = await bench.WaitAsync(id, "completed");

        (asked.GetProperty("status").GetString(), resumed.GetProperty("status").GetString()).ShouldBe(("paused", "in_progress"));
        done.GetProperty("request_counts").GetProperty("completed").GetInt64().ShouldBe(2);
        (await bench.RefusedAsync(HttpMethod.Post, $"/v1/batches/{id}/resume", HttpBench.Json(new { tokens = 5 }))).Param.ShouldBe("tokens");
    }

    [Fact]
    public async Task RetryFailed_SomeRowsFailed_AreANewBatchOfTheTenant()
    {
        await using var everyone = await HttpBench.StartAsync();
        var acme = everyone.As("acme");
        var id = await acme.RunAsync(JobLines.Lines(2) + JobLines.Line("bad", "too long"));
        await acme.WaitAsync(id, "completed");

        var retry = await acme.OkAsync(HttpMethod.Post, $"/v1/batches/{id}/retry_failed");
        var again = await acme.OkAsync(HttpMethod.Post, $"/v1/batches/{id}/retry_failed", HttpBench.Json(new { include_unfinished = false }));
        var done = await acme.WaitAsync(retry.GetProperty("id").GetString()!, "completed");
        var good = await acme.RunAsync(JobLines.Lines(1));
        await acme.WaitAsync(good, "completed");
        var nothing = await acme.RefusedAsync(HttpMethod.Post, $"/v1/batches/{good}/retry_failed");

        retry.GetProperty("id").GetString()!.ShouldStartWith("acme_batch_");
        again.GetProperty("id").GetString().ShouldBe(retry.GetProperty("id").GetString());
        (done.GetProperty("metadata").GetProperty("retry_of").GetString(), done.GetProperty("request_counts").GetProperty("total").GetInt64()).ShouldBe((id, 1));
        (await acme.ContentAsync(done.GetProperty("input_file_id").GetString()!)).ShouldBe(JobLines.Line("bad", "too long") + "\n");
        (nothing.Status, nothing.Message.Contains("nothing to retry", StringComparison.Ordinal)).ShouldBe((400, true));
    }

    [Fact]
    public async Task AnyCall_BatchOfAnotherTenant_IsAnsweredLikeOneThatIsNotThere()
    {
        await using var everyone = await HttpBench.StartAsync();
        var (acme, zeta) = (everyone.As("acme"), everyone.As("zeta"));
        var file = await acme.UploadAsync(JobLines.Lines(1) + JobLines.Line("bad", "too long"));
        var id = await acme.CreateAsync(file);
        await acme.WaitAsync(id, "completed");
        var none = id[..^4] + "0000";

        id.ShouldStartWith("acme_batch_");
        (HttpMethod Method, string Path)[] calls =
        [
            (HttpMethod.Get, "/v1/batches/ID"), (HttpMethod.Post, "/v1/batches/ID/cancel"), (HttpMethod.Post, "/v1/batches/ID/pause"),
            (HttpMethod.Post, "/v1/batches/ID/resume"), (HttpMethod.Post, "/v1/batches/ID/retry_failed"), (HttpMethod.Get, "/v1/batches?after=ID"),
            (HttpMethod.Get, "/v1/files/ID-output"), (HttpMethod.Get, "/v1/files/ID-output/content"), (HttpMethod.Get, "/v1/files/ID-errors/content"),
            (HttpMethod.Get, "/v1/files/ID-input/content"), (HttpMethod.Delete, "/v1/files/ID-output"),
        ];
        foreach (var (method, path) in calls)
        {
            var foreign = await zeta.RefusedAsync(method, path.Replace("ID", id, StringComparison.Ordinal));
            var missing = await zeta.RefusedAsync(method, path.Replace("ID", none, StringComparison.Ordinal));
            (foreign with { Message = foreign.Message.Replace(id, none, StringComparison.Ordinal) }).ShouldBe(missing);
            missing.Status.ShouldBe(404);
        }

        (await zeta.RefusedAsync(HttpMethod.Post, "/v1/batches", Body(file))).Status.ShouldBe(404);
        (await zeta.OkAsync(HttpMethod.Get, "/v1/batches")).GetProperty("data").GetArrayLength().ShouldBe(0);
        (await acme.OkAsync(HttpMethod.Get, "/v1/batches")).GetProperty("data").GetArrayLength().ShouldBe(1);
        (await everyone.OkAsync(HttpMethod.Get, "/v1/batches")).GetProperty("data").GetArrayLength().ShouldBe(1);
        (await acme.RefusedAsync(HttpMethod.Delete, $"/v1/files/{id}-output")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Retrieve_BatchOfTheQueue_HasFilesTooAndShowsNoPaths()
    {
        await using var bench = await HttpBench.StartAsync();
        await bench.Worker.RunBatchAsync("nightly", JobLines.Lines(2), Cancellation);

        var batch = await bench.WaitAsync("nightly", "completed");

        (batch.GetProperty("input_file_id").GetString(), batch.GetProperty("output_file_id").GetString()).ShouldBe(("nightly-input", "nightly-output"));
        (await bench.ContentAsync("nightly-input")).ShouldBe(JobLines.Lines(2));
        (await bench.ContentAsync("nightly-output")).Split('\n').Length.ShouldBe(3);
        batch.GetRawText().ShouldNotContain("batches/");
    }

    private static readonly string[] Fields =
    [
        "id", "object", "endpoint", "errors", "input_file_id", "completion_window", "status", "output_file_id", "error_file_id", "created_at",
        "in_progress_at", "expires_at", "finalizing_at", "completed_at", "failed_at", "expired_at", "cancelling_at", "cancelled_at",
        "request_counts", "metadata",
    ];

    private static bool HasField(JsonElement batch, string name) => batch.TryGetProperty(name, out _);

    private static HttpContent Body(string file) => HttpBench.Json(new { input_file_id = file, endpoint = "/v1/chat/completions", completion_window = "24h" });

    private static BatchOutputRow Row(string line) => BlobJson.Read<BatchOutputRow>(System.Text.Encoding.UTF8.GetBytes(line), "row");
}
