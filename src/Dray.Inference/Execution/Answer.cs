using System.Text;
using Dray.Inference.Sampling;
using Dray.Inference.Scheduling;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Execution;

/// <summary>One choice of a request while it is generated: takes sampled tokens, says when it is finished and what it says.</summary>
internal sealed class Answer
{
    private readonly int _maxTokens;
    private readonly int _endOfText;
    private readonly int _toolCallsToken;
    private readonly IncrementalDetokenizer? _detokenizer;
    private readonly StopChecker _stopChecker;
    private readonly List<SampledToken>? _sampled;
    private readonly StringBuilder _text = new();
    private bool _textEnded;
    private bool _stoppedByString;

    /// <summary>Begins an answer.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="sequence">The prompt's sequence.</param>
    /// <param name="state">How tokens are sampled.</param>
    /// <param name="maxTokens">The most tokens to generate.</param>
    /// <param name="followsText">Whether <see cref="Append"/> gives text, which costs time; without, only stop strings make it necessary.</param>
    public Answer(TekkenTokenizer tokenizer, Sequence sequence, SequenceSamplingState state, int maxTokens, bool followsText)
    {
        (Sequence, State, _maxTokens) = (sequence, state, maxTokens);
        _endOfText = tokenizer.Eos;
        _toolCallsToken = tokenizer.TryGetSpecial("[TOOL_CALLS]", out var id) ? id : -1;
        _stopChecker = new StopChecker(state.Sampling);
        if (followsText || state.Sampling.Stop.Count > 0) _detokenizer = new IncrementalDetokenizer(tokenizer);
        if (state.Sampling.LogProbs is not null) _sampled = [];
    }

    public Sequence Sequence { get; }

    public SequenceSamplingState State { get; }

    /// <summary>Gets why it ended, or null while it goes on.</summary>
    public FinishReason? Finished { get; private set; }

    /// <summary>Takes the next token.</summary>
    /// <returns>The text that is certain now: a beginning of what <see cref="ToChoice"/> gives, from the end of what was given before.</returns>
    public string Append(SampledToken token)
    {
        Sequence.Append(token.Id);
        _sampled?.Add(token);
        var text = TextOf(token.Id);
        if (State.IsEnd(token.Id) || _stoppedByString) Finished = FinishReason.Stop;
        else if (Sequence.OutputIds.Length >= _maxTokens) Finished = FinishReason.Length;
        return text;
    }

    /// <summary>What it says in the end.</summary>
    /// <param name="reader">Makes text and calls of ids.</param>
    /// <param name="random">Makes ids for tool calls.</param>
    public GenerationChoice ToChoice(AnswerReader reader, Random random)
    {
        var choice = _stoppedByString
            ? new GenerationChoice(_text.ToString(), [], FinishReason.Stop)
            : reader.Read(Sequence.OutputIds, Finished!.Value, random);
        return choice with { LogProbs = _sampled?.ConvertAll(reader.Describe) };
    }

    /// <summary>Stop strings end the text of an answer, not the arguments of a tool call.</summary>
    private string TextOf(int id)
    {
        _textEnded |= id == _toolCallsToken || id == _endOfText;
        if (_detokenizer is null || _textEnded) return "";
        var step = _stopChecker.Append(_detokenizer.Append(id), Sequence.OutputIds.Length);
        _stoppedByString = step.Stop is not null;
        if (State.Sampling.Stop.Count > 0) _text.Append(step.Text);
        return step.Text;
    }
}
