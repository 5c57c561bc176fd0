using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Http;

/// <summary>
/// A request's body within the <see cref="BodyBudget"/>: what it says that it has is taken before it is read, and what it doesn't say as it is
/// read. All of it is given back on disposal.
/// </summary>
internal sealed class BudgetedBody : Stream
{
    private readonly Stream _inner;
    private readonly BodyBudget _budget;
    private long _read;
    private long _taken;

    private BudgetedBody(Stream inner, BodyBudget budget) => (_inner, _budget) = (inner, budget);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => _read; set => throw new NotSupportedException(); }

    /// <summary>A request's body, whose bytes are given back when the answer has ended.</summary>
    /// <exception cref="BadHttpRequestException">The budget has too little left for what the body says that it has.</exception>
    public static Stream Of(HttpContext context)
    {
        var services = context.RequestServices;
        var body = new BudgetedBody(context.Request.Body, services.GetRequiredService<BodyBudget>());
        context.Response.RegisterForDispose(body);

        // One that is longer than any may be is refused for that when it is read.
        body.Take(Math.Min(context.Request.ContentLength ?? 0, services.GetRequiredService<HttpApiOptions>().MaxRequestBytes));
        return body;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _inner.ReadAsync(buffer, cancellationToken);
        _read += read;
        if (_read > _taken) Take(_read - _taken);
        return read;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _budget.GiveBack(Interlocked.Exchange(ref _taken, 0));
        base.Dispose(disposing);
    }

    private void Take(long bytes)
    {
        if (!_budget.TryTake(bytes))
        {
            throw new BadHttpRequestException(
                "The bodies of the requests that are being answered are as long together as this server takes; ask again later, or raise max_request_bytes_total.",
                StatusCodes.Status503ServiceUnavailable);
        }

        _taken += bytes;
    }
}
