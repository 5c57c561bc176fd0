// The package calls its client of batches an evaluation; it is what people have.
#pragma warning disable OPENAI001
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Batch;
using OpenAI.Files;

namespace Dray.Cli.Tests.Serve;

/// <summary>OpenAI's own clients of files and batches for .NET against a live server on the demo model.</summary>
public sealed class OpenAIBatchClientTests(ServeFixture serve) : IClassFixture<ServeFixture>
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly ApiKeyCredential Key = new("none");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private OpenAIClientOptions Options => new() { Endpoint = serve.Endpoint, RetryPolicy = new ClientRetryPolicy(0) };

    private OpenAIFileClient Files => new(Key, Options);

    private BatchClient Batches => new OpenAIClient(Key, Options).GetBatchClient();

    [Fact]
    public async Task Batch_UploadedRows_AreAnswered()
    {
        var file = await UploadAsync(3);

        var operation = await CreateAsync(file.Id);
        var done = await FinishAsync(operation);
        var output = await Files.DownloadFileAsync(done.GetProperty("output_file_id").GetString(), Token);
        var listed = await Batches.GetBatchesAsync(after: null, limit: 10, options: null).GetRawPagesAsync().ToListAsync(Token);

        (file.Filename, file.Purpose, file.SizeInBytes > 0).ShouldBe(("rows.jsonl", FilePurpose.Batch, true));
        done.GetProperty("status").GetString().ShouldBe("completed");
        done.GetProperty("input_file_id").GetString().ShouldBe(file.Id);
        output.Value.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("custom_id").GetString())
            .ShouldBe(["row-0", "row-1", "row-2"]);
        listed.SelectMany(page => JsonElement.Parse(page.GetRawResponse().Content).GetProperty("data").EnumerateArray())
            .Select(batch => batch.GetProperty("id").GetString()).ShouldContain(operation.BatchId);
    }

    [Fact]
    public async Task Batch_CancelledRightAway_IsCancelled()
    {
        var operation = await CreateAsync((await UploadAsync(200)).Id);

        await operation.CancelAsync(options: null);
        var done = await FinishAsync(operation);

        done.GetProperty("status").GetString().ShouldBe("cancelled");
    }

    [Fact]
    public async Task Files_ListedReadAndDeleted_AreThoseOfTheClient()
    {
        var file = await UploadAsync(1);

        var found = await Files.GetFileAsync(file.Id, Token);
        var listed = await Files.GetFilesAsync(FilePurpose.Batch, Token);
        var content = await Files.DownloadFileAsync(file.Id, Token);
        var deleted = await Files.DeleteFileAsync(file.Id, Token);
        var missing = await Should.ThrowAsync<ClientResultException>(() => Files.GetFileAsync(file.Id, Token));

        found.Value.Id.ShouldBe(file.Id);
        listed.Value.Select(one => one.Id).ShouldContain(file.Id);
        content.Value.ToString().ShouldBe(BatchServer.Rows(1));
        (deleted.Value.Deleted, missing.Status).ShouldBe((true, 404));
        missing.Message.ShouldContain(file.Id);
    }

    private async Task<OpenAIFile> UploadAsync(int rows)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(BatchServer.Rows(rows)));
        return await Files.UploadFileAsync(content, "rows.jsonl", FileUploadPurpose.Batch, Token);
    }

    private async Task<CreateBatchOperation> CreateAsync(string fileId)
    {
        var body = BinaryData.FromObjectAsJson(new { input_file_id = fileId, endpoint = "/v1/chat/completions", completion_window = "24h", metadata = new { team = "blue" } });
        using var content = BinaryContent.Create(body);
        return await Batches.CreateBatchAsync(content, waitUntilCompleted: false);
    }

    private static async Task<JsonElement> FinishAsync(CreateBatchOperation operation)
    {
        while (!operation.HasCompleted)
        {
            await operation.UpdateStatusAsync(options: null);
            await Task.Delay(Pause, Token);
        }

        return JsonElement.Parse((await operation.GetBatchAsync(options: null)).GetRawResponse().Content);
    }
}
