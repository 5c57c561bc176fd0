using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Dray.Inference.Sampling;

namespace Dray.Inference.Execution;

/// <summary>
/// The pieces of an answer on their way from the loop to a reader. The loop never waits: what the reader hasn't taken is joined, so that no
/// more is kept than the answer itself has.
/// </summary>
/// <param name="choices">How many choices the answer has.</param>
/// <param name="result">The whole answer, set before the last choice is finished.</param>
/// <param name="reader">Makes text of tokens.</param>
internal sealed class AnswerStream(int choices, Task<GenerationResult> result, AnswerReader reader)
{
    private readonly Lock _gate = new();
    private readonly Piece[] _pieces = [.. Enumerable.Range(0, choices).Select(_ => new Piece())];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Adds what a token brings to a choice.</summary>
    public void Add(int choice, string text, SampledToken? token)
    {
        if (text.Length == 0 && token is null) return;
        lock (_gate) _pieces[choice].Add(text, token);
        _news.Writer.TryWrite(true);
    }

    /// <summary>Ends a choice; what of it wasn't added before is added now.</summary>
    public void Finish(int choice, GenerationChoice whole)
    {
        lock (_gate) _pieces[choice].Finish(whole);
        _news.Writer.TryWrite(true);
    }

    /// <summary>Ends the stream: the reader takes what is left and then sees how the request ended.</summary>
    public void End() => _news.Writer.TryComplete();

    /// <summary>Takes the pieces as they come.</summary>
    public async IAsyncEnumerable<GenerationUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var unfinished = choices; unfinished > 0;)
        {
            if (!await _news.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) await result.ConfigureAwait(false);
            _news.Reader.TryRead(out _);
            for (var i = 0; i < choices; i++)
            {
                if (Take(i) is not { } update) continue;
                if (update.FinishReason is not null) unfinished--;
                yield return unfinished > 0 ? update : update with { Result = await result.ConfigureAwait(false) };
            }
        }
    }

    private GenerationUpdate? Take(int choice)
    {
        lock (_gate) return _pieces[choice].Take(choice, reader);
    }

    /// <summary>What one choice has gained and the reader hasn't taken.</summary>
    private sealed class Piece
    {
        private readonly StringBuilder _text = new();
        private readonly List<SampledToken> _tokens = [];
        private int _sentText;
        private int _sentTokens;
        private GenerationChoice? _finished;

        public void Add(string text, SampledToken? token)
        {
            _text.Append(text);
            _sentText += text.Length;
            if (token is null) return;
            _tokens.Add(token.Value);
            _sentTokens++;
        }

        public void Finish(GenerationChoice whole)
        {
            _text.Append(whole.Content.AsSpan(_sentText));
            _finished = whole;
        }

        public GenerationUpdate? Take(int choice, AnswerReader reader)
        {
            if (_text.Length == 0 && _tokens.Count == 0 && _finished is null) return null;
            var update = new GenerationUpdate
            {
                Choice = choice,
                Text = _text.ToString(),
                LogProbs = [.. _tokens.Select(reader.Describe), .. _finished?.LogProbs?.Skip(_sentTokens) ?? []],
                ToolCalls = _finished?.ToolCalls ?? [],
                FinishReason = _finished?.FinishReason,
            };
            _text.Clear();
            _tokens.Clear();
            _finished = null;
            return update;
        }
    }
}
