using Dray.Contracts;
using Dray.Inference;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Dray.Worker.Http.Files;

/// <summary>Takes a form with a file straight into the store; no more than a piece of it is in memory. A form that fails leaves nothing.</summary>
internal sealed class FileUpload(FileStore files, HttpApiOptions options, TimeProvider time)
{
    /// <summary>What a form may have beside its file.</summary>
    public const int MaxFormBytes = 64 * 1024;

    private const int BufferBytes = 1 << 16;
    private const int MaxFieldBytes = 1024;
    private const int MaxBoundary = 70;
    private const int QuotedCharacters = 64;

    /// <summary>Takes the file of a request.</summary>
    /// <exception cref="RequestRejectedException">The form is wrong, or its file too large.</exception>
    public async Task<BatchFile> ReceiveAsync(HttpContext context)
    {
        var token = context.RequestAborted;
        var id = Tenant.Of(context).Own($"file-{Guid.NewGuid():N}");
        try
        {
            var (content, name, purpose) = await ReadAsync(context.Request, id, token);
            if (content is null) throw Refuse("The form has no 'file'; send one with a file name.", "file");
            if (content.Bytes == 0) throw Refuse("The file is empty; write one JSON object per line.", "file");
            if (purpose is null) throw Refuse("The form has no 'purpose'; write 'batch'.", "purpose");
            if (purpose != BatchFile.InputPurpose)
                throw Refuse($"The purpose is '{Quote(purpose)}'; only 'batch' is taken here. Pictures go into messages as data: URLs.", "purpose");
            var file = new BatchFile
            {
                Id = id,
                Bytes = content.Bytes,
                CreatedAt = time.GetUtcNow().ToUnixTimeSeconds(),
                FileName = FileName.Clean(name),
                Purpose = purpose,
            };
            await files.AddAsync(new StoredFile { File = file, Content = content }, token);
            return file;
        }
        catch
        {
            await files.DiscardAsync(id);
            throw;
        }
    }

    private async Task<(BlobDigest? Content, string? Name, string? Purpose)> ReadAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        var reader = new MultipartReader(BoundaryOf(request), request.Body);
        BlobDigest? content = null;
        string? name = null, purpose = null;
        while (await FromClientAsync(() => reader.ReadNextSectionAsync(cancellationToken)) is { } section)
        {
            var disposition = section.GetContentDispositionHeader();
            var field = HeaderUtilities.RemoveQuotes(disposition?.Name ?? "").ToString();
            switch (field)
            {
                case "file" when content is null:
                    if (disposition!.FileName.Length == 0 && disposition.FileNameStar.Length == 0)
                        throw Refuse("The form's 'file' is no file: it has no file name; send it as one.", "file");
                    name = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.Length > 0 ? disposition.FileNameStar : disposition.FileName).ToString();
                    content = await files.WriteAsync(id, (target, token) => CopyAsync(section.Body, target, token), cancellationToken);
                    break;
                case "purpose" when purpose is null:
                    purpose = await ReadFieldAsync(section.Body, cancellationToken);
                    break;
                case "file" or "purpose":
                    throw Refuse($"The form has '{field}' twice; send it once.", field);
                default:
                    throw Refuse($"Unknown parameter: '{Quote(field)}'; a form has a 'file' and its 'purpose'. A file is kept until it is deleted.", Quote(field));
            }
        }

        return (content, name, purpose);
    }

    private static string BoundaryOf(HttpRequest request)
    {
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed : null;
        if (type is null || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new BadHttpRequestException("A file is sent as a form, multipart/form-data.", StatusCodes.Status415UnsupportedMediaType);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= MaxBoundary
            ? boundary
            : throw Refuse($"The form's boundary has {boundary.Length} characters; give 1 to {MaxBoundary}.");
    }

    private async Task CopyAsync(Stream source, Stream target, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        long copied = 0;
        for (int read; (read = await FromClientAsync(() => source.ReadAsync(buffer, cancellationToken).AsTask())) > 0;)
        {
            if ((copied += read) > options.MaxFileBytes)
            {
                throw new RequestRejectedException(
                    ErrorCodes.ContentTooLarge, $"The file has more than the {options.MaxFileBytes} bytes that are taken here; split it.", "file");
            }

            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private static async Task<string> ReadFieldAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxFieldBytes];
        var length = await FromClientAsync(() => body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).AsTask());
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }

    // What the client sent wrong isn't the store's fault, which fails with the same exceptions.
    private static async Task<T> FromClientAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is (IOException or InvalidDataException) and not BadHttpRequestException)
        {
            throw Refuse($"The form can't be read: {e.Message}", inner: e);
        }
    }

    private static string Quote(string text) => text.Length <= QuotedCharacters ? text : text[..QuotedCharacters] + "...";

    private static RequestRejectedException Refuse(string message, string? param = null, Exception? inner = null) =>
        new(ErrorCodes.InvalidRequest, message, param, inner);
}
